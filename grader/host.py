"""What the grader needs of a lab host. `vm` fills these protocols in; nothing here knows how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from vocabulary.completed import Completed
from vocabulary.host_facts import HostFacts


class Process(Protocol):
    """A program running on the lab host, spoken to in lines."""

    def send_line(self, line: str) -> None:
        """Write one line to its standard input."""

    def read_line(self, timeout_s: float) -> str | None:
        """The next line of its standard output without the line end, None at its end.

        Raises TimeoutError when nothing came within `timeout_s`.
        """

    @property
    def stderr_text(self) -> str:
        """What it has written to standard error so far (at most 64 KiB)."""


class Host(Protocol):
    """The machine where kernel, containers and tracer live. Commands run there as root.

    Every method raises the host package's own error when the machine is lost; the grader lets it pass.
    """

    @property
    def facts(self) -> HostFacts: ...

    def run(
        self, argv: Sequence[str], *, stdin: bytes = b"", timeout_s: float = 60.0, check: bool = True
    ) -> Completed:
        """Run a command to its end. With `check`, a non-zero exit code is an error."""

    def start(self, argv: Sequence[str]) -> AbstractContextManager[Process]:
        """Start a program; leaving the context closes its standard input and waits for it to end."""

    def write_files(self, folder: str, files: Mapping[str, bytes]) -> None:
        """Create `folder` if needed and write `files` (relative path -> content) below it."""

    def read_file(self, path: str, limit_bytes: int) -> bytes:
        """The content of one file, at most `limit_bytes` of it."""

    def forward(self, port: int) -> tuple[str, int]:
        """An address (host, port) on the lab side that reaches this TCP port of the lab host."""


class HostToPrepare(Host, Protocol):
    """A host that is being set up."""

    def work(self, argv: Sequence[str], units: Sequence[str] = ()) -> Completed:
        """Run a command for as long as it, or one of the services that do the work for it, uses CPU time.

        A non-zero exit code is an error, and so is a command that has stopped working.
        """
