"""A command that has ended on a lab host, and the two ways in which it can end badly."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from vm.errors import HostError
from vocabulary.completed import Completed


@dataclass(frozen=True)
class RawCompleted:
    """A command that has ended, what it wrote not decoded yet."""

    exit_code: int
    stdout: bytes
    stderr: bytes

    def decoded(self) -> Completed:
        """Bytes that are no UTF-8 become the replacement character."""
        texts = (self.stdout.decode("utf-8", "replace"), self.stderr.decode("utf-8", "replace"))
        return Completed(self.exit_code, *texts)


class CommandFailed(HostError):
    """A command ended with an exit code other than 0. `completed` has its output."""

    def __init__(self, argv: Sequence[str], completed: Completed) -> None:
        said = (completed.stderr.strip() or completed.stdout.strip()).splitlines()
        tail = ": " + " / ".join(line.strip() for line in said[-3:]) if said else ""
        super().__init__(f"`{shown(argv)}` ended with exit code {completed.exit_code} on the lab host{tail}")
        self.completed = completed


class CommandTimedOut(HostError):
    """A command was still running at the end of its time limit and was ended there."""

    def __init__(self, argv: Sequence[str], timeout_s: float) -> None:
        super().__init__(f"`{shown(argv)}` did not end within {timeout_s:g} s on the lab host")


def shown(argv: Sequence[str]) -> str:
    """A command as a person would type it, cut to a length that fits in a message."""
    line = shlex.join(argv).replace("\n", " ")
    return line if len(line) <= 120 else line[:117] + "..."


def ended_by_limit(exit_code: int, elapsed_s: float, timeout_s: float) -> bool:
    """Whether coreutils' `timeout` ended the command: 124, or 137 when it had to use SIGKILL."""
    return exit_code in (124, 137) and elapsed_s >= timeout_s
