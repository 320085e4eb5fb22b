"""What explains wrong numbers in a table of calls by kind of descriptor."""

from __future__ import annotations

from collections.abc import Sequence

from grader.checks.call_table.by_kind import ByKind, call_of, kind_of
from grader.checks.call_table.column import Case, Explanation, sentences
from grader.checks.call_table.explain import factor_of
from grader.checks.maps import losses
from grader.found import Why, why
from grader.place import Place, how_often
from grader.report.fields import report_fields
from grader.sentences import said_in
from grader.truth.counts import Count

NEXT_TO_NOTHING = 0.02
"""Share of the container's calls; the machine's first process made a few in a recorded run."""


def no_row_filled(table: ByKind) -> Explanation:
    """No row that is graded holds anything: no kind is known, or the filter lets nobody through.

    A few calls are nothing too: those of another process that has by chance the number asked for.
    """

    def fits(case: Case) -> list[Why]:
        least = NEXT_TO_NOTHING * sum(count.inside for count in case.expected.values())
        if sum(case.got.values()) > least:
            return []
        other = table.others(report_fields(case.seen), case.column)
        return [why("kinds_not_told_apart" if sum(other.values()) > least else "nothing_counted")]

    return Explanation(fits, sentences("kinds_not_told_apart", "nothing_counted"))


def of_others(table: ByKind) -> Explanation:
    """The other container is in the numbers: in all of them, or only where the port was asked."""

    def fits(case: Case) -> list[Why]:
        host = table.truth(case.seen, case.column, everywhere=True)
        traffic = [row for row in host if kind_of(row) in table.protocols]
        if not all(host[row].admits(case.got.get(row, 0)) for row in traffic):
            return []
        if all(case.expected.get(row, Count(0)).admits(case.got.get(row, 0)) for row in traffic):
            return []
        own = [row for row in case.expected if row not in traffic]
        right = all(case.expected[row].admits(case.got.get(row, 0)) for row in own)
        return [why("decoy_counted" if right else "no_filter")]

    return Explanation(fits, sentences("decoy_counted", "no_filter"))


def counted_again(table: ByKind, *places: Place) -> Explanation:
    """A row holds more calls than the whole machine made, and none lacks any; not all of them k times.

    Where descriptors are taken for others, one row lacks what another has too many of; and two programs at
    one place count everything twice. Who counts the whole machine sees calls of other tracers too, which the
    recorder leaves out: `of_others` must have been asked first.
    """

    def fits(case: Case) -> list[Why]:
        if any(how_often(case.seen, place) > 1 for place in places):
            return []
        host = table.truth(case.seen, case.column, everywhere=True)
        over = {row for row, number in case.got.items() if number > host.get(row, Count(0)).high}
        if not over or not over <= set(case.expected):
            return []
        if any(case.got.get(row, 0) < count.inside for row, count in case.expected.items()) or factor_of(
            case
        ):
            return []
        fitting = [why("stale_start")]
        if all(case.got.get(row, 0) > count.high for row, count in case.expected.items()):
            fitting.append(why("added_again"))
        return fitting

    return Explanation(fits, sentences("stale_start", "added_again"))


def _map_full(case: Case) -> Sequence[Why]:
    return [one for one in losses(case.seen, case.expected, case.got) if one.name == "map_full"][:1]


no_room = Explanation(_map_full, {"map_full": said_in("maps")["map_full"]})
"""A map without room for all rows."""


def rows_missed(table: ByKind) -> Explanation:
    """All that is wrong are whole rows that hold nothing: a call, or a kind, was left out.

    Some calls come on one kind only. What the tracer has in `other` was not left out; what it has nowhere was
    not taken for another kind.
    """

    def fits(case: Case) -> list[Why]:
        wrong, counted = set(case.wrong), {row for row, number in case.got.items() if number}
        if not wrong or wrong & counted or counted - set(case.expected):
            return []
        other = table.others(report_fields(case.seen), case.column)
        fitting, missed = [], set(map(call_of, wrong))
        if missed.isdisjoint(map(call_of, counted)) and missed.isdisjoint(other):
            fitting.append(why("calls_left_out", calls=", ".join(sorted(missed))))
        kinds = set(map(kind_of, wrong))
        whole = wrong == {row for row in case.expected if kind_of(row) in kinds}
        if whole and (missed <= set(other) or not other):
            fitting.append(_kinds_missed(table, kinds))
        return fitting

    names = ("calls_left_out", "port_unknown", "protocol_missed", "kind_missed")
    return Explanation(fits, sentences(*names))


def _kinds_missed(table: ByKind, kinds: set[str]) -> Why:
    """No descriptor was taken for one of these."""
    said = " or ".join(sorted(kinds))
    if kinds == table.protocols:
        return why("port_unknown", kinds=said, ports=" and ".join(map(str, table.ports)))
    return why("protocol_missed" if kinds < table.protocols else "kind_missed", kinds=said)


def two_programs(*places: Place) -> Explanation:
    """No mistake is known that gives these numbers, and a place has two programs: look there first."""

    def fits(case: Case) -> list[Why]:
        twice = [place for place in places if how_often(case.seen, place) > 1]
        return [
            why("two_programs_at_a_place", often=how_often(case.seen, place), place=place.where)
            for place in twice[:1]
        ]

    return Explanation(fits, sentences("two_programs_at_a_place"))
