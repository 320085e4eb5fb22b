"""A table of calls by kind of descriptor, such as `http.readv`.

For exercises whose recorder notes descriptors (`Recorder(fds=True)`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.checks.call_table.table import CallTable
from grader.observation import RecordedCall
from grader.report.fields import Fields, ReportProblem
from grader.truth.calls import Calls
from grader.truth.counts import Count

OTHER = "other"


@dataclass(frozen=True)
class ByKind(CallTable):
    """`{"calls": {"http": {"readv": 3}, ...}, "with_data": {...}}`."""

    syscalls: tuple[str, ...]
    ports: Mapping[int, str]
    """Local port of an internet socket -> the kind it is counted under. Any other port is `other`."""
    graded: tuple[str, ...]
    """The kinds whose numbers must be right."""

    @property
    def protocols(self) -> set[str]:
        """The kinds that a port names."""
        return set(self.ports.values())

    def kind(self, call: RecordedCall) -> str:
        """What the call's descriptor stands for, in the words of the report."""
        return self.ports.get(call.port, OTHER) if call.fd_kind == "inet" else call.fd_kind

    def row(self, call: RecordedCall) -> str:
        """Its kind and its name."""
        return f"{self.kind(call)}.{call.syscall}"

    def rows(self) -> Sequence[str]:
        """Every graded kind with every call."""
        return [f"{kind}.{call}" for kind in self.graded for call in self.syscalls]

    def path(self, column: str, row: str) -> str:
        """`calls.http.readv`."""
        return f"{column}.{row}"

    def is_graded(self, row: str) -> bool:
        """Whether this row's number must be right."""
        kind, _, call = row.partition(".")
        return kind in self.graded and call in self.syscalls

    def counted(self, found: Calls) -> dict[str, Count]:
        """The graded rows in which there are any."""
        rows = found.count_by(self.row)
        return {row: count for row, count in sorted(rows.items()) if self.is_graded(row)}

    def read(self, report: Fields, column: str) -> dict[str, int]:
        """The graded rows of one table of the report. Raises ReportProblem for a kind that does not exist."""
        table = report.fields(column)
        rows: dict[str, int] = {}
        for kind in table:
            if kind not in (*self.graded, OTHER):
                known = ", ".join((*self.graded, OTHER))
                raise ReportProblem(table.where(kind), f"is not one of the kinds: {known}")
            rows |= {f"{kind}.{call}": number for call, number in table.counts(kind).items()}
        return {row: number for row, number in rows.items() if self.is_graded(row)}

    def others(self, report: Fields, column: str) -> Mapping[str, int]:
        """System call -> how many the tracer counted on descriptors of no kind that is graded."""
        table = report.fields(column)
        return table.counts(OTHER) if OTHER in table else {}


def kind_of(row: str) -> str:
    """The kind of a row."""
    return row.partition(".")[0]


def call_of(row: str) -> str:
    """The system call of a row."""
    return row.partition(".")[2]
