"""Tables of calls by kind of descriptor and system call, row by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.checks.attached import Place, how_often
from grader.checks.making import named
from grader.counts import Count, compare_table, times
from grader.descriptor_rows import OTHER, Rows, call_of
from grader.exercise import Check
from grader.observation import Observation
from grader.report_fields import Fields, report_fields
from grader.verdict import Finding

FILTER_HINT = "in_target() in tracer.bpf.c must ask for the container's cgroup"
KEEP_ONE = "keep one (what is called TRACEPOINT_PROBE is attached without a line in tracer.py)"


def calls_per_row(rows: Rows, field: str, *places: Place, name: str, title: str) -> Check:
    """A check that the table `field` counts each of the container's calls once, in the right row.

    `places` are where the exercise attaches. Causes: `nothing_counted`, `kinds_not_told_apart`,
    `attached_twice`, `calls_left_out`, `kind_missed`, `decoy_counted`, `no_filter`, or none (then a
    misconception may speak).
    """

    def check(seen: Observation) -> Finding:
        expected, got = rows.truth(seen), rows.read(report_fields(seen), field)
        cause, hint = (
            _nothing(got, report_fields(seen).fields(field))
            or attached_twice(seen, places, expected, got)
            or _missing(rows, expected, got)
            or _foreign(rows, seen, expected, got)
            or _else(seen, places, expected, got)
        )
        return compare_table(got, expected, unit="calls", cause=cause, hint=hint)

    return named(name, title, check)


def _nothing(got: Mapping[str, int], table: Fields) -> tuple[str, str] | None:
    """No row that is graded holds anything: no kind is known, or the filter lets nobody through."""
    if any(got.values()):
        return None
    if OTHER in table and any(table.counts(OTHER).values()):
        hint = (
            "all your calls are in `other`: first look_at_fd() in tracer.bpf.c, then kind_of() in tracer.py"
        )
        return "kinds_not_told_apart", hint
    hint = "in_target() in tracer.bpf.c lets no call through: what does it compare, and with whose number?"
    return "nothing_counted", hint


def attached_twice(
    seen: Observation, places: Sequence[Place], expected: Mapping[str, Count], got: Mapping[str, int]
) -> tuple[str, str] | None:
    """Whether each row holds as many times its number as one place has programs."""
    place = max(places, key=lambda place: how_often(seen, place))
    often = how_often(seen, place)
    if often > 1 and all(
        often * count.inside <= got.get(row, 0) <= often * count.high for row, count in expected.items()
    ):
        return "attached_twice", f"{often} of your programs are at {place.where}, and each counts: {KEEP_ONE}"
    return None


def _else(
    seen: Observation, places: Sequence[Place], expected: Mapping[str, Count], got: Mapping[str, int]
) -> tuple[str, str]:
    """No mistake is known that gives these numbers: where one may look all the same."""
    for place in places:
        if how_often(seen, place) > 1:
            said = f"{how_often(seen, place)} of your programs are at {place.where}"
            return "", f"{said}: {KEEP_ONE}, then look again"
    factors = {times(got.get(row, 0), count) for row, count in expected.items()}
    if len(factors) == 1 and factors != {0}:
        return (
            "",
            f"each is {factors.pop()} times the real one: where do tracer.bpf.c or tracer.py add it again?",
        )
    return (
        "",
        f"wrong in all rows: {FILTER_HINT}; in some: what do their calls or descriptors have in common?",
    )


def _missing(rows: Rows, expected: Mapping[str, Count], got: Mapping[str, int]) -> tuple[str, str] | None:
    """Whether all that is wrong are whole rows that hold nothing: a call, or a kind, was left out."""
    wrong = {row for row, count in expected.items() if not count.admits(got.get(row, 0))}
    counted = {row for row, number in got.items() if number}
    if not wrong or wrong & counted or counted - set(expected):
        return None
    absent = set(map(call_of, expected)) - set(map(call_of, counted))
    if absent and {call_of(row) for row in wrong} == absent:
        return (
            "calls_left_out",
            f"you never count {', '.join(sorted(absent))}: where does tracer.bpf.c ask for a call's number?",
        )
    kinds = {row.partition(".")[0] for row in wrong}
    if len(kinds) == 1 and wrong == {row for row in expected if row.partition(".")[0] in kinds}:
        kind = kinds.pop()
        hint = f"no descriptor of yours is of the kind {kind}: follow it through look_at_fd() in tracer.bpf.c"
        if kind in rows.ports.values():
            hint = (
                f"no socket of yours is {kind}: look at its family in tracer.bpf.c, at its port in tracer.py"
            )
        return "kind_missed", hint
    return None


def _foreign(
    rows: Rows, seen: Observation, expected: Mapping[str, Count], got: Mapping[str, int]
) -> tuple[str, str] | None:
    """Whether the other container is in the numbers: in all of them, or only where the port was asked."""
    host = rows.truth(seen, everywhere=True)
    traffic = [row for row in host if row.partition(".")[0] in rows.ports.values()]
    if not all(host[row].admits(got.get(row, 0)) for row in traffic):
        return None
    if all(expected.get(row, Count(0)).admits(got.get(row, 0)) for row in traffic):
        return None
    if all(count.admits(got.get(row, 0)) for row, count in expected.items() if row not in traffic):
        return "decoy_counted", f"the other container's server has the same ports: {FILTER_HINT}"
    return "no_filter", f"the whole machine is in your numbers: {FILTER_HINT}"
