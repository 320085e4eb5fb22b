"""What a tracer prints: the READY line, its report documents, everything else.

No more than 16 MiB and 200,000 lines of it.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from typing import BinaryIO

LIMIT_BYTES = 16 * 1024 * 1024
LIMIT_LINES = 200_000
"""Each line costs us time and memory, however short it is."""
TAIL_BYTES = 64 * 1024
STACK = re.compile(r"^Stack \(most recent call first\):\n(?:  .*\n)+", re.MULTILINE)
"""How faulthandler tells where a Python program is."""


class TracerOutput:
    """Fed from two threads with the bytes of both streams.

    `on_line` gets each complete line of standard output; `on_excess` is called once, at the limit.
    """

    def __init__(self, on_line: Callable[[bytes], None], on_excess: Callable[[], None]) -> None:
        self.ready = threading.Event()
        self.ready_ns = 0
        self.waits_unready = False
        """Whether it said that it waits to be stopped although it never said READY."""
        self.exceeded = False
        self.documents_before = 0
        self.last_before = b""
        """The last document printed before SIGINT."""
        self.after: list[bytes] = []
        """Every line printed after SIGINT."""
        self.stopping = False
        self._on_line = on_line
        self._on_excess = on_excess
        self._bytes = self._lines = 0
        self._partial = bytearray()
        self._tail = bytearray()
        self._stderr = bytearray()
        self._lock = threading.Lock()

    def read_stdout(self, stream: BinaryIO) -> None:
        """Read to the end; meant for a thread."""
        while chunk := _read_some(stream):
            if self._count(chunk):
                self._take(chunk)
        if self._partial:
            self._line(bytes(self._partial))
            self._partial.clear()

    def read_stderr(self, stream: BinaryIO) -> None:
        """Read to the end; meant for a thread."""
        while chunk := _read_some(stream):
            self._count(chunk)
            self._stderr += chunk
            del self._stderr[:-TAIL_BYTES]

    def stdout_tail(self) -> str:
        """The last 64 KiB of standard output that were no documents."""
        return bytes(self._tail).decode("utf-8", "replace")

    def stderr_tail(self) -> str:
        """The last 64 KiB of standard error."""
        return bytes(self._stderr).decode("utf-8", "replace")

    def take_stack(self, within_s: float) -> str:
        """What Python's faulthandler says on standard error, taken out of it; empty when nothing comes."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            text = self.stderr_tail()
            found = STACK.search(text)
            if found:
                # Only what was there: the reading thread may have added to it.
                del self._stderr[: len(text.encode())]
                self._stderr[:0] = (text[: found.start()] + text[found.end() :]).encode()
                return found[0]
            time.sleep(0.05)
        return ""

    def _count(self, chunk: bytes) -> bool:
        with self._lock:
            self._bytes += len(chunk)
            self._lines += chunk.count(b"\n")
            beyond = self._bytes > LIMIT_BYTES or self._lines > LIMIT_LINES
            first = beyond and not self.exceeded
            self.exceeded = self.exceeded or first
        if first:
            self._on_excess()
        return not self.exceeded

    def _take(self, chunk: bytes) -> None:
        self._partial += chunk
        if b"\n" not in chunk:
            return
        *lines, rest = bytes(self._partial).split(b"\n")
        self._partial = bytearray(rest)
        for line in lines:
            self._line(line)

    def _line(self, line: bytes) -> None:
        words = line.strip()
        if words == b"READY" and not self.ready_ns:
            self.ready_ns = time.monotonic_ns()
            self.ready.set()
        if words == b"WAITS WITHOUT READY":
            self.waits_unready = True
            return
        if self.stopping:
            self.after.append(line)
        if not words.startswith(b"{"):
            self._tail += line[-TAIL_BYTES:] + b"\n"
            del self._tail[:-TAIL_BYTES]
        elif not self.stopping:
            self.documents_before += 1
            self.last_before = line
        self._on_line(line)


def _read_some(stream: BinaryIO) -> bytes:
    try:
        return stream.read1(256 * 1024)  # type: ignore[attr-defined,no-any-return]
    except (OSError, ValueError):
        return b""
