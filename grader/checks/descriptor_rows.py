"""Calls counted in rows: a system call on one kind of descriptor, such as `http.readv`.

For exercises whose recorder notes descriptors (`Recorder(fds=True)`) and whose report holds tables
{kind: {system call: number}}.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from grader.exercise import Numbers
from grader.observation import Observation, RecordedCall
from grader.report.fields import Fields, ReportProblem
from grader.truth.calls import calls
from grader.truth.counts import Count

OTHER = "other"


@dataclass(frozen=True)
class Rows:
    """Which calls are counted, and how descriptors are named."""

    syscalls: tuple[str, ...]
    ports: Mapping[int, str]
    """Local port of an internet socket -> the kind it is counted under. Any other port is `other`."""
    graded: tuple[str, ...]
    """The kinds whose numbers must be right."""

    def kind(self, call: RecordedCall) -> str:
        """What the call's descriptor stands for, in the words of the report."""
        return self.ports.get(call.port, OTHER) if call.fd_kind == "inet" else call.fd_kind

    def row(self, call: RecordedCall) -> str:
        """The call's row."""
        return f"{self.kind(call)}.{call.syscall}"

    def truth(
        self, seen: Observation, *, returned_data: bool = False, everywhere: bool = False
    ) -> dict[str, Count]:
        """Graded row -> calls of the container (or of the whole host), as the recorder saw them."""
        recorded = calls(seen, *self.syscalls, returned_data=returned_data, everywhere=everywhere)
        found = recorded.count_by(self.row)
        return {row: count for row, count in sorted(found.items()) if self.is_graded(row)}

    def is_graded(self, row: str) -> bool:
        """Whether this row's number must be right."""
        kind, _, call = row.partition(".")
        return kind in self.graded and call in self.syscalls

    def read(self, report: Fields, field: str) -> dict[str, int]:
        """The graded rows of one table of the report. Raises ReportProblem for a kind that does not exist."""
        table = report.fields(field)
        rows: dict[str, int] = {}
        for kind in table:
            if kind not in (*self.graded, OTHER):
                known = ", ".join((*self.graded, OTHER))
                raise ReportProblem(table.where(kind), f"is not one of the kinds: {known}")
            rows |= {f"{kind}.{call}": number for call, number in table.counts(kind).items()}
        return {row: number for row, number in rows.items() if self.is_graded(row)}

    def numbers(
        self,
        seen: Observation,
        field: str,
        keep: Callable[[RecordedCall], bool] = lambda call: True,
        name: Callable[[RecordedCall], str] | None = None,
    ) -> Numbers:
        """For a misconception: the table of a tracer that counts the container's calls that `keep` lets
        through, each under the row that `name` gives it.
        """
        return self.table(
            field, Counter(map(name or self.row, filter(keep, calls(seen, *self.syscalls).inside)))
        )

    def table(self, field: str, found: Mapping[str, int]) -> Numbers:
        """All graded rows keyed by their path in the report, those that hold nothing too: what a tracer has
        in such a row must not be overlooked.
        """
        rows = (f"{kind}.{call}" for kind in self.graded for call in self.syscalls)
        return {f"{field}.{row}": found.get(row, 0) for row in rows}


def call_of(row: str) -> str:
    """The system call of a row."""
    return row.partition(".")[2]
