"""A check of one column of a table of calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from grader.checks.call_table.table import CallTable
from grader.exercise import Check
from grader.found import Found, Why, failed
from grader.observation import Observation
from grader.report.fields import report_fields
from grader.sentences import Sentence, said_in
from grader.truth.counts import Count, compare_table


@dataclass(frozen=True)
class Case:
    """A column that is wrong, beside the truth."""

    seen: Observation
    column: str
    expected: Mapping[str, Count]
    got: Mapping[str, int]

    @property
    def wrong(self) -> list[str]:
        """Rows of the truth whose number is not right."""
        return [row for row, count in self.expected.items() if not count.admits(self.got.get(row, 0))]

    @property
    def too_high(self) -> bool:
        """Whether some row holds more than there was."""
        return any(number > self.expected.get(row, Count(0)).high for row, number in self.got.items())


@dataclass(frozen=True)
class Explanation:
    """A kind of mistake: whether its facts are there."""

    fits: Callable[[Case], Sequence[Why]]
    """The mistakes that these numbers show, the most specific first; none when it is something else."""
    causes: Mapping[str, Sentence]
    """All that it may find."""
    stands_alone: bool = False
    """Other facts prove it: the table of numbers is not shown, and no misconception is asked that would print
    the same."""


def column_right(table: CallTable, column: str, *explanations: Explanation, name: str, title: str) -> Check:
    """A check that each of the container's calls is counted once in this column, in the right row.

    The first explanation that fits speaks, so the most specific ones go first.
    """

    def run(seen: Observation) -> Found:
        case = Case(seen, column, table.truth(seen, column), table.read(report_fields(seen), column))
        right = compare_table(case.got, case.expected, unit="calls")
        if not right.cause:
            return right
        for explanation in explanations:
            whys = explanation.fits(case)
            if whys and explanation.stands_alone:
                return failed(*whys)
            if whys:
                return compare_table(case.got, case.expected, unit="calls", whys=whys)
        return right

    causes = {name: said for one in explanations for name, said in one.causes.items()}
    return Check(name, title, run, causes)


def sentences(*names: str) -> dict[str, Sentence]:
    """Some of those about tables of calls."""
    return {name: said for name, said in said_in("call_table").items() if name in names}
