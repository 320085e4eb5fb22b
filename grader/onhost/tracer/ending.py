"""How long a tracer may take to end after SIGINT: as long as it works on that, up to a share of CPU time."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from .getting_ready import LOOK_EVERY_S, waits

ASLEEP_S = 5.0
MOST_TIMES = 10
"""The grace, on the clock: a busy host may give a tracer a tenth of a CPU."""


class Ending(Protocol):
    """A tracer that was asked to end."""

    def wait_ended(self, timeout_s: float) -> bool:
        """Whether it ends within that time."""

    def cpu_s(self) -> float:
        """CPU time it has used."""

    def asleep(self) -> bool:
        """Whether all its threads wait."""


def until_ended(tracer: Ending, grace_s: float, now: Callable[[], float] = time.monotonic) -> bool:
    """Whether it ends. After `grace_s` it must be at work, and may have used no more CPU time than that."""
    began, used_s = now(), tracer.cpu_s()
    looks: deque[tuple[float, bool, float]] = deque()
    while not tracer.wait_ended(LOOK_EVERY_S):
        looks.append((now(), tracer.asleep(), tracer.cpu_s()))
        long_s = looks[-1][0] - began
        still = waits(looks, ASLEEP_S)
        if long_s > grace_s and (still or looks[-1][2] - used_s > grace_s or long_s > MOST_TIMES * grace_s):
            return False
    return True
