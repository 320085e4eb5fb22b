"""What a workload says when it cannot be built, started or driven."""

from __future__ import annotations

from vocabulary.errors import Unavailable


class WorkloadError(Unavailable):
    """A workload that cannot be built, started or driven."""


class UnknownStepError(WorkloadError):
    """A traffic plan asks for a kind of step that this workload's drive does not know."""

    def __init__(self, kind: str, known: tuple[str, ...]) -> None:
        super().__init__(f"step kind {kind!r} is not known to this workload; known: {', '.join(known)}")
        self.kind = kind
        self.known = known
