"""Tables of calls by kind of descriptor and system call, row by row."""

from __future__ import annotations

from collections.abc import Mapping

from grader.checks.attached import Place, how_often
from grader.checks.making import named
from grader.counts import Count, compare_table, times
from grader.descriptor_rows import OTHER, Rows, call_of
from grader.exercise import Check
from grader.observation import Observation
from grader.report_fields import Fields, report_fields
from grader.verdict import Finding

FILTER_HINT = "ask for the container's cgroup before anything else"


def calls_per_row(rows: Rows, field: str, *places: Place, name: str, title: str) -> Check:
    """A check that the table `field` counts each of the container's calls once, in the right row.

    `places` are where the exercise attaches. Causes: `nothing_counted`, `kinds_not_told_apart`,
    `attached_twice`, `calls_left_out`, `kind_missed`, `decoy_counted`, `no_filter`, or none (then a
    misconception may speak).
    """

    def check(seen: Observation) -> Finding:
        expected, got = rows.truth(seen), rows.read(report_fields(seen), field)
        often = max(how_often(seen, place) for place in places)
        cause, hint = (
            _nothing(got, report_fields(seen).fields(field))
            or _multiple(often, expected, got)
            or _missing(expected, got)
            or _foreign(rows, seen, expected, got)
            or ("", "`lab run` shows your rows beside the real ones: which are off, and by how much?")
        )
        return compare_table(got, expected, unit="calls", cause=cause, hint=hint)

    return named(name, title, check)


def _nothing(got: Mapping[str, int], table: Fields) -> tuple[str, str] | None:
    """No row that is graded holds anything: no kind is known, or the filter lets nobody through."""
    if any(got.values()):
        return None
    if OTHER in table and any(table.counts(OTHER).values()):
        hint = "all your calls are of the kind `other`: find out what descriptors stand for, name the ports"
        return "kinds_not_told_apart", hint
    hint = "your filter let no call through: does it compare a thread's number, or another group's?"
    return "nothing_counted", hint


def _multiple(often: int, expected: Mapping[str, Count], got: Mapping[str, int]) -> tuple[str, str] | None:
    if often > 1 and all(times(got.get(row, 0), count) == often for row, count in expected.items()):
        return "attached_twice", f"{often} programs at one place, and each counts: attach one"
    return None


def _missing(expected: Mapping[str, Count], got: Mapping[str, int]) -> tuple[str, str] | None:
    """Whether all that is wrong are whole rows that hold nothing: a call, or a kind, was left out."""
    wrong = {row for row, count in expected.items() if not count.admits(got.get(row, 0))}
    counted = {row for row, number in got.items() if number}
    if not wrong or wrong & counted or counted - set(expected):
        return None
    absent = set(map(call_of, expected)) - set(map(call_of, counted))
    if absent and {call_of(row) for row in wrong} == absent:
        return (
            "calls_left_out",
            f"you never counted {', '.join(sorted(absent))}: which calls do you let through?",
        )
    kinds = {row.partition(".")[0] for row in wrong}
    if len(kinds) == 1 and wrong == {row for row in expected if row.partition(".")[0] in kinds}:
        kind = kinds.pop()
        hint = f"you know no descriptor of the kind {kind}: internet sockets are of the family INET or INET6"
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
        return "decoy_counted", f"the server of the other container has the same ports: {FILTER_HINT}"
    return "no_filter", f"the whole machine is in your numbers: {FILTER_HINT}"
