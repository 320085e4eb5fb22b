"""A program on a lab host that is spoken to in lines, whatever carries the bytes."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from typing import Protocol

STDERR_KEPT_BYTES = 64 * 1024


class LineChannel(Protocol):
    """What carries one program's bytes: an ssh channel, or a local child's pipes."""

    def send(self, data: bytes) -> None:
        """Write all of `data` to standard input; raises HostError when it cannot be delivered."""

    def close_stdin(self) -> None:
        """End standard input; harmless when it has ended."""

    def stdout_lines(self) -> Iterator[bytes]:
        """Lines of standard output until its end, with their line ends."""

    def stderr_chunks(self) -> Iterator[bytes]:
        """Pieces of standard error until its end."""

    def check_end(self) -> None:
        """Called at the end of standard output: raises HostUnavailable when the connection was lost."""

    def wait(self, timeout_s: float) -> None:
        """Wait for the program to end, at most this long."""

    def close(self) -> None:
        """Let go of it; ends what still runs where that is possible."""

    def release(self) -> None:
        """Called last, when nobody reads any more."""


class LineProcess:
    """Satisfies `grader.host.Process`. A context manager: leaving it ends the program."""

    def __init__(self, channel: LineChannel, grace_s: float = 30.0) -> None:
        self._channel = channel
        self._grace_s = grace_s
        self._send_lock = threading.Lock()
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._stderr = bytearray()
        self._threads = [
            threading.Thread(target=self._read_stdout, daemon=True, name="lab-stdout"),
            threading.Thread(target=self._read_stderr, daemon=True, name="lab-stderr"),
        ]

    def __enter__(self) -> LineProcess:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        try:
            self._channel.close_stdin()
            self._channel.wait(self._grace_s)
        finally:
            self._channel.close()
            for thread in self._threads:
                thread.join(5)
            self._channel.release()

    def send_line(self, line: str) -> None:
        """Write one line to its standard input; safe from several threads."""
        if "\n" in line:
            raise ValueError("one line at a time")
        with self._send_lock:
            self._channel.send(line.encode() + b"\n")

    def read_line(self, timeout_s: float) -> str | None:
        """The next line of standard output without its line end, None at the end.

        Raises TimeoutError when nothing came in `timeout_s` seconds, HostUnavailable when the host was lost.
        """
        try:
            line = self._lines.get(timeout=timeout_s)
        except queue.Empty:
            raise TimeoutError(f"no line within {timeout_s:g} s") from None
        if line is None:
            self._lines.put(None)  # the end stays the end, also for the next caller
            self._channel.check_end()
        return line

    @property
    def stderr_text(self) -> str:
        """The last 64 KiB of what it wrote to standard error."""
        return bytes(self._stderr).decode("utf-8", "replace")

    def _read_stdout(self) -> None:
        try:
            for line in self._channel.stdout_lines():
                self._lines.put(line.decode("utf-8", "replace").rstrip("\r\n"))
        except (OSError, ValueError):
            pass  # closed under us: that is an end too
        finally:
            self._lines.put(None)

    def _read_stderr(self) -> None:
        try:
            for chunk in self._channel.stderr_chunks():
                self._stderr += chunk
                del self._stderr[:-STDERR_KEPT_BYTES]
        except (OSError, ValueError):
            pass
