"""Tables of calls by kind of descriptor and system call, row by row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from grader.checks.attached import Place, how_often
from grader.checks.descriptor_rows import OTHER, Rows, call_of
from grader.checks.making import Why, likeliest, named
from grader.checks.maps import losses
from grader.exercise import Check
from grader.observation import Observation
from grader.report.fields import Fields, report_fields
from grader.truth.counts import Count, compare_table, times
from grader.verdict import Finding

NEXT_TO_NOTHING = 0.02
"""Share of the container's calls; the machine's first process made a few in a recorded run."""
FILTER_HINT = "in_target() in tracer.bpf.c must ask for the container's cgroup"
KEEP_ONE = "keep one (what is called TRACEPOINT_PROBE is attached without a line in tracer.py)"


Table = Mapping[str, int]
Overwritten = Callable[[Observation], Table]


def calls_per_row(
    rows: Rows, field: str, *places: Place, overwritten: Overwritten, name: str, title: str
) -> Check:
    """A check that the table `field` counts each of the container's calls once, in the right row.

    `places` are where the exercise attaches, `overwritten` the rows of a tracer whose threads overwrite each
    other's starts. Causes: `nothing_counted`, `kinds_not_told_apart`, `attached_twice`, `stale_start`,
    `calls_left_out`, `port_unknown`, `kind_missed`, `decoy_counted`, `no_filter`, `starts_overwritten`, those
    of `grader.checks.maps`, or none (then a misconception may speak).
    """

    def check(seen: Observation) -> Finding:
        expected, got = rows.truth(seen), rows.read(report_fields(seen), field)
        other = others(report_fields(seen).fields(field))
        cause, hint = (
            _nothing(expected, got, other)
            or attached_twice(seen, places, expected, got)
            or _foreign(rows, seen, expected, got)
            or _repeated(rows, seen, places, expected, got)
            or _full(seen, expected, got)
            or _missing(rows, expected, got, other)
            or _lost(seen, expected, got, overwritten(seen))
            or _else(seen, places, expected, got)
        )
        return compare_table(got, expected, unit="calls", cause=cause, hint=hint)

    return named(name, title, check)


def _nothing(expected: Mapping[str, Count], got: Table, other: Table) -> Why | None:
    """No row that is graded holds anything: no kind is known, or the filter lets nobody through.

    A few calls are nothing too: those of another process that has by chance the number asked for.
    """
    least = NEXT_TO_NOTHING * sum(count.inside for count in expected.values())
    if sum(got.values()) > least:
        return None
    if sum(other.values()) > least:
        hint = (
            "all your calls are in `other`: first look_at_fd() in tracer.bpf.c, then kind_of() in tracer.py"
        )
        return "kinds_not_told_apart", hint
    hint = (
        "in_target() in tracer.bpf.c lets no call through: does it compare a thread's number,"
        " another group's, or the number that a process has inside its container?"
    )
    return "nothing_counted", hint


def others(table: Fields) -> Table:
    """System call -> how many the tracer counted on descriptors of no kind that is graded."""
    return table.counts(OTHER) if OTHER in table else {}


def attached_twice(
    seen: Observation, places: Sequence[Place], expected: Mapping[str, Count], got: Table
) -> Why | None:
    """Whether each row holds as many times its number as one place has programs."""
    place = max(places, key=lambda place: how_often(seen, place))
    often = how_often(seen, place)
    if often > 1 and all(
        often * count.inside <= got.get(row, 0) <= often * count.high for row, count in expected.items()
    ):
        return "attached_twice", f"{often} of your programs are at {place.where}, and each counts: {KEEP_ONE}"
    return None


def _else(seen: Observation, places: Sequence[Place], expected: Mapping[str, Count], got: Table) -> Why:
    """No mistake is known that gives these numbers: where one may look all the same."""
    for place in places:
        if how_often(seen, place) > 1:
            said = f"{how_often(seen, place)} of your programs are at {place.where}"
            return "", f"{said}: {KEEP_ONE}, then look again"
    if factor := _factor(expected, got):
        return (
            "",
            f"each is {factor} times the real one: where do tracer.bpf.c or tracer.py add it again?",
        )
    return (
        "",
        f"wrong in all rows: {FILTER_HINT}; in some: what do their calls or descriptors have in common?",
    )


def _factor(expected: Mapping[str, Count], got: Table) -> int:
    """How many times too high every row is; 0 where they are not all off by the same factor."""
    factors = {times(got.get(row, 0), count) for row, count in expected.items()}
    return factors.pop() if len(factors) == 1 else 0


def _repeated(
    rows: Rows, seen: Observation, places: Sequence[Place], expected: Mapping[str, Count], got: Table
) -> Why | None:
    """A row holds more calls than the whole machine made, and none lacks any; not all of them k times.

    Where descriptors are taken for others, one row lacks what another has too many of; and two programs at
    one place count everything twice. Who counts the whole machine sees calls of other tracers too, which the
    recorder leaves out: `_foreign` must have been asked first.
    """
    if any(how_often(seen, place) > 1 for place in places):
        return None
    host = rows.truth(seen, everywhere=True)
    over = {row for row, number in got.items() if number > host.get(row, Count(0)).high}
    if not over or not over <= set(expected):
        return None
    if any(got.get(row, 0) < count.inside for row, count in expected.items()) or _factor(expected, got):
        return None
    hint = "a return that finds an old start counts it again: tracer.bpf.c must delete what was used"
    fitting = [("stale_start", hint)]
    if all(got.get(row, 0) > count.high for row, count in expected.items()):
        fitting.append(("stale_start", "tracer.py may add the values of a map again each time it looks"))
    return likeliest(fitting)


def _full(seen: Observation, expected: Mapping[str, Count], got: Table) -> Why | None:
    """A map without room for all rows."""
    return next((one for one in losses(seen, expected, got) if one[0] == "map_full"), None)


def _lost(seen: Observation, expected: Mapping[str, Count], got: Table, overwritten: Table) -> Why | None:
    """No row is too high, and some are too low, which several mistakes may do."""
    fitting = losses(seen, expected, got)
    total = sum(count.inside for count in expected.values())
    missing, most = total - sum(got.values()), total - sum(overwritten.values())
    too_high = any(number > expected.get(row, Count(0)).high for row, number in got.items())
    # Which thread came first is told by clocks that run a little apart: the sum must do. Each row loses some.
    if not too_high and 0 < missing < 1.5 * most and all(got.get(row) for row in overwritten):
        hint = "several threads of a process are in calls at a time: is the key in tracer.bpf.c all 64 bits?"
        fitting.insert(len(fitting) if missing < most / 2 else 0, ("starts_overwritten", hint))
    return likeliest(fitting) if fitting else None


def _missing(rows: Rows, expected: Mapping[str, Count], got: Table, other: Table) -> Why | None:
    """Whether all that is wrong are whole rows that hold nothing: a call, or a kind, was left out.

    Some calls come on one kind only. What the tracer has in `other` was not left out; what it has nowhere was
    not taken for another kind.
    """
    wrong = {row for row, count in expected.items() if not count.admits(got.get(row, 0))}
    counted = {row for row, number in got.items() if number}
    if not wrong or wrong & counted or counted - set(expected):
        return None
    fitting = []
    missed = set(map(call_of, wrong))
    if missed.isdisjoint(map(call_of, counted)) and missed.isdisjoint(other):
        fitting.append(
            (
                "calls_left_out",
                f"you never count {', '.join(sorted(missed))}: where does tracer.bpf.c ask for a call's"
                " number?",
            )
        )
    kinds = {row.partition(".")[0] for row in wrong}
    whole = wrong == {row for row in expected if row.partition(".")[0] in kinds}
    if whole and (missed <= set(other) or not other):
        fitting.append(_kinds_missed(rows, kinds))
    return likeliest(fitting) if fitting else None


def _kinds_missed(rows: Rows, kinds: set[str]) -> Why:
    """No descriptor was taken for one of these."""
    said = " or ".join(sorted(kinds))
    protocols = set(rows.ports.values())
    if kinds == protocols:
        ports = " and ".join(map(str, rows.ports))
        hint = (
            f"no socket of yours is {said}: look for {ports} in kind_of() in tracer.py (TODO 4); and"
            " tracer.bpf.c must take the socket's own port, not the other side's"
        )
        return "port_unknown", hint
    if kinds < protocols:
        hint = f"no socket of yours is {said}: look at its family in tracer.bpf.c, at its port in tracer.py"
        return "kind_missed", hint
    return (
        "kind_missed",
        f"no descriptor of yours is of the kind {said}: follow it through look_at_fd() in tracer.bpf.c",
    )


def _foreign(rows: Rows, seen: Observation, expected: Mapping[str, Count], got: Table) -> Why | None:
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
