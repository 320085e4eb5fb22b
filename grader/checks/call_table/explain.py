"""What explains wrong numbers in any table of calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from itertools import product

from grader.checks.call_table.by_process import by_process
from grader.checks.call_table.column import Case, Explanation, sentences
from grader.checks.call_table.table import CallTable
from grader.checks.maps import full_maps, losses
from grader.checks.reported_events import Reported
from grader.exercise import Numbers
from grader.found import Why, why
from grader.observation import Observation
from grader.place import Place, how_often
from grader.sentences import said_in
from grader.truth.calls import calls
from grader.truth.counts import Count, times

ReadEvents = Callable[[Observation], Sequence[Reported]]


def events_complete(seen: Observation, read: ReadEvents, syscalls: Sequence[str]) -> bool:
    """Whether each system call has as many events as calls: then filter, starts and buffer are no mistake."""
    got = Counter(event.syscall for event in read(seen))
    return all(calls(seen, name).count.admits(got[name]) for name in syscalls)


def never_counted_but_sent(read: ReadEvents, *syscalls: str) -> Explanation:
    """Nothing is counted, and each call has its event: no filter that lets nothing through does that."""

    def fits(case: Case) -> list[Why]:
        counted = any(case.got.values()) or not events_complete(case.seen, read, syscalls)
        return [] if counted else [why("calls_never_counted")]

    return Explanation(fits, sentences("calls_never_counted"), stands_alone=True)


def data_never_counted(read: ReadEvents, *syscalls: str) -> Explanation:
    """No return is counted, and no map without room is the reason."""

    def fits(case: Case) -> list[Why]:
        if any(case.got.values()):
            return []
        if events_complete(case.seen, read, syscalls):
            return [why("with_data_never_counted_but_sent")]
        return [] if full_maps(case.seen) else [why("with_data_never_counted")]

    return Explanation(fits, sentences("with_data_never_counted", "with_data_never_counted_but_sent"))


def attached_twice(*together: Sequence[Place], rows: Sequence[str] = ()) -> Explanation:
    """Each row (or each of `rows`) holds as many times its number as the places that see it have programs.

    `together`: places that see all rows among them, each of the same calls.
    """

    def fits(case: Case) -> list[Why]:
        places = max(together, key=lambda group: fewest_at(case.seen, group))
        often = fewest_at(case.seen, places)
        counted = {row: case.expected[row] for row in rows} if rows else case.expected
        if often > 1 and all(
            often * count.inside <= case.got.get(row, 0) <= often * count.high
            for row, count in counted.items()
        ):
            return [why("attached_twice", often=often, place=places[0].where)]
        return []

    return Explanation(fits, sentences("attached_twice"))


def fewest_at(seen: Observation, places: Sequence[Place]) -> int:
    """How many programs each of these places has at least."""
    return min(how_often(seen, place) for place in places)


def _in_another_row(case: Case) -> list[Why]:
    for rows in product(case.wrong, repeat=len(case.wrong)):
        sums = dict.fromkeys(case.wrong, Count(0))
        for name, row in zip(case.wrong, rows, strict=True):
            sums[row] += case.expected[name]
        if all(sums[name].admits(case.got[name]) for name in case.wrong):
            moved = [f"{name} as {row}" for name, row in zip(case.wrong, rows, strict=True) if name != row]
            return [why("counted_as_another_call", moved=", ".join(moved))] if moved else []
    return []


in_another_row = Explanation(_in_another_row, sentences("counted_as_another_call"))
"""What one row lacks is in another, and that explains every wrong row."""


def _empty_rows(case: Case) -> list[Why]:
    some = 0 < len(case.wrong) < len(case.expected)
    # A map without room is the other reason for rows that hold nothing.
    if some and not any(case.got[name] for name in case.wrong) and not full_maps(case.seen):
        return [why("call_never_counted", rows=", ".join(case.wrong))]
    return []


empty_rows = Explanation(_empty_rows, sentences("call_never_counted"))
"""Rows hold nothing while all others are right."""


def lost(but: Collection[str] = ()) -> Explanation:
    """No row is too high, and the tracer's maps lose calls. `but`: causes that the exercise tells
    otherwise.
    """
    causes = said_in("maps", without=tuple(but))
    return Explanation(lambda case: losses(case.seen, case.expected, case.got, but=but), causes)


def without_start(read: ReadEvents, *syscalls: str, but: Collection[str] = ()) -> Explanation:
    """No row is too high: returns found no start, and sent no event either; or maps lost some.

    The programs at the returns ran for every call: `ran` comes first.
    """

    def fits(case: Case) -> list[Why]:
        if case.too_high:
            return []
        unfound = [] if events_complete(case.seen, read, syscalls) else [why("starts_overwritten")]
        return [*unfound, *losses(case.seen, case.expected, case.got, but=but)]

    return Explanation(fits, sentences("starts_overwritten") | said_in("maps", without=tuple(but)))


def kept_by_process(table: CallTable) -> Explanation:
    """No row is too high, and the threads of a process may overwrite each other's starts, or maps lose
    calls.
    """

    def fits(case: Case) -> list[Why]:
        fitting, rows = losses(case.seen, case.expected, case.got), by_process(table, case.seen)
        total = sum(count.inside for count in case.expected.values())
        missing, most = total - sum(case.got.values()), total - sum(rows.values())
        # Which thread came first is told by clocks that run a little apart: the sum must do.
        # Each row loses some.
        if not case.too_high and 0 < missing < 1.5 * most and all(case.got.get(row) for row in rows):
            fitting.insert(len(fitting) if missing < most / 2 else 0, why("starts_overwritten"))
        return fitting

    return Explanation(fits, sentences("starts_overwritten") | said_in("maps"))


def few_of_others(table: CallTable, fewer_than: int, unless: Callable[[Observation], Numbers]) -> Explanation:
    """Some rows are too high, each by fewer than calls that failed: they are returns outside the container,
    which found an old start. `unless` these are the numbers.
    """

    def fits(case: Case) -> list[Why]:
        few = all(case.got[row] - count.high < fewer_than for row, count in case.expected.items())
        if not case.too_high or not few:
            return []
        known = unless(case.seen)
        named = all(known.get(table.path(case.column, row), got) == got for row, got in case.got.items())
        return [] if named else [why("old_start_found")]

    return Explanation(fits, sentences("old_start_found"))


def _some_right(case: Case) -> list[Why]:
    return (
        [why("others_are_right", rows=", ".join(case.wrong))] if len(case.wrong) < len(case.expected) else []
    )


def _by_a_factor(case: Case) -> list[Why]:
    return [why("each_is_a_multiple", factor=factor)] if (factor := factor_of(case)) else []


def factor_of(case: Case) -> int:
    """How many times too high every row is; 0 where they are not all off by the same factor."""
    factors = {times(case.got.get(row, 0), count) for row, count in case.expected.items()}
    return factors.pop() if len(factors) == 1 else 0


some_right = Explanation(_some_right, sentences("others_are_right"))
"""No mistake is known that gives these numbers, and some rows are right: where one may look all the same."""
by_a_factor = Explanation(_by_a_factor, sentences("each_is_a_multiple"))
"""The same where all are too high by one factor."""


def otherwise(name: str) -> Explanation:
    """The same where nothing else is known: this sentence."""
    return Explanation(lambda case: [why(name)], sentences(name))
