"""Patience that follows progress: what moves is waited for, however long; what has stopped moving is not."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import psutil

STALL_S = 60.0
"""Nothing moved for so long: it hangs. A machine with eight hogs still gives a step some seconds of that."""
BUSY_SHARE = 0.05
"""Of one CPU: a program that works gets more even on an overloaded machine, one that waits uses less."""
WRITTEN_BYTES = 64 * 1024
"""A slow download moves about a kilobyte a second; what waits writes nothing."""


@dataclass(frozen=True)
class Sign:
    """A number that changes while a step gets on."""

    read: Callable[[], float]
    least: float = 1.0
    """By so much it must have changed to count."""


class Watch:
    """Says whether a step still moves. The clock only counts while nothing does."""

    def __init__(
        self, signs: Sequence[Sign], stall_s: float = STALL_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.stall_s = stall_s
        self._signs, self._clock = signs, clock
        self._seen = [sign.read() for sign in signs]
        self._moved_at = clock()

    def moving(self) -> bool:
        """Ask again and again: False once nothing has moved for `stall_s`."""
        for at, sign in enumerate(self._signs):
            now = sign.read()
            if abs(now - self._seen[at]) >= sign.least:
                self._seen[at], self._moved_at = now, self._clock()
        return self._clock() - self._moved_at < self.stall_s


def cpu_of_process(pid: int, stall_s: float = STALL_S) -> Sign:
    """The CPU seconds of one process."""
    return Sign(lambda: _cpu_s([pid]), BUSY_SHARE * stall_s)


def signs_of_program(pid: int, stall_s: float = STALL_S) -> list[Sign]:
    """What a program and those it started use and write; one of them that ends is progress, too."""
    return [
        Sign(lambda: _cpu_s(_family(pid)), BUSY_SHARE * stall_s),
        Sign(lambda: _written_bytes(_family(pid)), WRITTEN_BYTES),
    ]


def _family(pid: int) -> list[int]:
    with contextlib.suppress(psutil.Error):
        return [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]
    return []


def _cpu_s(pids: Sequence[int]) -> float:
    used = 0.0
    for pid in pids:
        with contextlib.suppress(psutil.Error):
            times = psutil.Process(pid).cpu_times()
            used += times.user + times.system
    return used


def _written_bytes(pids: Sequence[int]) -> float:
    written = 0.0
    for pid in pids:
        # Not on every system, and not of another user's process.
        with contextlib.suppress(psutil.Error, AttributeError, OSError):
            written += psutil.Process(pid).io_counters().write_chars
    return written
