"""Seconds in which this machine was receiving from the network."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Self

import psutil

LOOK_EVERY_S = 0.25
LEAST_BYTES_PER_S = 200_000
"""Less than this is no download worth counting."""


def received_bytes() -> int:
    """What all interfaces but the loopback one have received so far."""
    counters = psutil.net_io_counters(pernic=True)
    return sum(one.bytes_recv for name, one in counters.items() if name != "lo")


class Downloads:
    """A context manager that looks while it is open; `seconds` and `total_bytes` say what it saw."""

    def __init__(self, received: Callable[[], int] = received_bytes) -> None:
        self.seconds = 0.0
        self.total_bytes = 0
        self._received = received
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        before_bytes, before_s = self._received(), time.monotonic()
        while not self._ended.wait(LOOK_EVERY_S):
            now_bytes, now_s = self._received(), time.monotonic()
            self.note(now_bytes - before_bytes, now_s - before_s)
            before_bytes, before_s = now_bytes, now_s

    def note(self, moved_bytes: int, passed_s: float) -> None:
        """One look: so many bytes in so many seconds."""
        self.total_bytes += moved_bytes
        if moved_bytes >= LEAST_BYTES_PER_S * passed_s:
            self.seconds += passed_s
