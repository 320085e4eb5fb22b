"""Which calls of the container are counted in which row of a report's table."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from grader.exercise import Numbers
from grader.mistakes.filters import Whose
from grader.mistakes.results import Returning, anything
from grader.observation import Observation, RecordedCall
from grader.report.fields import Fields
from grader.truth.calls import Calls, calls
from grader.truth.counts import Count

CALLS, WITH_DATA = "calls", "with_data"
"""The columns: every call, and those that returned data."""


class CallTable(ABC):
    """A table with a row for each system call, or each of several kinds of it, and two columns."""

    syscalls: tuple[str, ...]

    @abstractmethod
    def row(self, call: RecordedCall) -> str:
        """The row in which a call belongs."""

    @abstractmethod
    def rows(self) -> Sequence[str]:
        """All rows whose numbers must be right."""

    @abstractmethod
    def path(self, column: str, row: str) -> str:
        """Where this number is in the report, as in a misconception's Numbers."""

    @abstractmethod
    def read(self, report: Fields, column: str) -> dict[str, int]:
        """Row -> number. Raises ReportProblem."""

    @abstractmethod
    def counted(self, found: Calls) -> dict[str, Count]:
        """These calls, row by row."""

    def truth(self, seen: Observation, column: str = CALLS, *, everywhere: bool = False) -> dict[str, Count]:
        """Row -> calls of the container (or of the whole host), as the recorder saw them."""
        data = column == WITH_DATA
        return self.counted(calls(seen, *self.syscalls, returned_data=data, everywhere=everywhere))

    def numbers(self, column: str, found: Mapping[str, int], rows: Sequence[str] = ()) -> Numbers:
        """For a misconception: this column, or some rows of it. Those that hold nothing are 0: what a tracer
        has there must not be overlooked.
        """
        return {self.path(column, row): found.get(row, 0) for row in rows or self.rows()}

    def counting(
        self,
        column: str,
        whose: Whose,
        returning: Returning = anything,
        *,
        rows: Sequence[str] = (),
        under: Callable[[Observation], Callable[[RecordedCall], str]] | None = None,
    ) -> Callable[[Observation], Numbers]:
        """For a misconception: the column of a tracer that counts the calls that `whose` lets through and
        that return this, each in the row that `under` gives it.
        """

        def numbers(seen: Observation) -> Numbers:
            keep, name = whose(seen), under(seen) if under else self.row
            made = calls(seen, *self.syscalls, everywhere=True).inside
            kept = (call for call in made if keep(call) and returning(call))
            return self.numbers(column, Counter(map(name, kept)), rows)

        return numbers

    def adding_up_bytes(self, *, rows: Sequence[str] = ()) -> Callable[[Observation], Numbers]:
        """For a misconception: the bytes that calls returned in the place of how many calls returned any."""

        def numbers(seen: Observation) -> Numbers:
            moved: Counter[str] = Counter()
            for call in calls(seen, *self.syscalls, returned_data=True).inside:
                moved[self.row(call)] += call.ret
            return self.numbers(WITH_DATA, moved, rows)

        return numbers


@dataclass(frozen=True)
class BySyscall(CallTable):
    """`{"counts": {"readv": {"calls": 3, "with_data": 2}, ...}}`."""

    field: str
    syscalls: tuple[str, ...]

    def row(self, call: RecordedCall) -> str:
        """Its name."""
        return call.syscall

    def rows(self) -> Sequence[str]:
        """The system calls."""
        return self.syscalls

    def path(self, column: str, row: str) -> str:
        """`counts.readv.calls`."""
        return f"{self.field}.{row}.{column}"

    def read(self, report: Fields, column: str) -> dict[str, int]:
        """System call -> one of its two numbers."""
        table = report.fields(self.field)
        return {name: table.fields(name).count(column) for name in self.syscalls}

    def counted(self, found: Calls) -> dict[str, Count]:
        """Every row, also one that nobody called."""
        return {name: found.of(name).count for name in self.syscalls}
