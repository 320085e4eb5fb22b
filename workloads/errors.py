"""What a workload says when it cannot be built, started or driven."""

from __future__ import annotations


class WorkloadError(Exception):
    """A problem the user can act on: one sentence, and where there is one a command as a hint."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UnknownStepError(WorkloadError):
    """A traffic plan asks for a kind of step that this workload's drive does not know."""

    def __init__(self, kind: str, known: tuple[str, ...]) -> None:
        super().__init__(f"step kind {kind!r} is not known to this workload; known: {', '.join(known)}")
        self.kind = kind
        self.known = known
