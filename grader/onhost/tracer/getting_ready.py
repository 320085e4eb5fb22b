"""Whether a tracer that has not said READY is still at work, waits for something, or works too long.

Time on the clock says nothing about that: it depends on what else the machine does. CPU time says it, beside
the CPU time of a tracer of ours under the same load; and so does what its threads do.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from ..contract.tracer_orders import ReadyLimits

LOOK_EVERY_S = 0.25
MOSTLY = 0.9
"""Of the looks that find all asleep, when it waits: a loop that polls wakes up now and then."""
WAITS_S = 1.0
"""Asleep this long, when it says itself that it waits."""


class Loading(Protocol):
    """A tracer that is on its way to READY."""

    def wait_ready(self, timeout_s: float) -> bool:
        """Whether it says READY within that time."""

    def has_ended(self) -> bool:
        """Whether its process has ended."""

    def says_it_waits(self) -> bool:
        """Whether it said so itself."""

    def has_begun(self) -> bool:
        """Whether its own process has been seen: before, only the jail is made."""

    def cpu_s(self) -> float:
        """CPU time it has used."""

    def asleep(self) -> bool:
        """Whether all its threads wait."""


def until_ready(
    tracer: Loading,
    limits: ReadyLimits,
    yardstick_cpu_s: Callable[[], float],
    now: Callable[[], float] = time.monotonic,
) -> str:
    """Wait; how it came: `ready`, `ended`, `waiting` (asleep without READY) or `late` (still at work)."""
    began = now()
    looks: deque[tuple[float, bool, float]] = deque()
    allowed_cpu_s, compared = limits.cpu_s, False
    while not tracer.wait_ready(LOOK_EVERY_S):
        if tracer.has_ended():
            # Its last words may still be in the pipe.
            return "ready" if tracer.wait_ready(LOOK_EVERY_S) else "ended"
        if now() - began > limits.most_s:
            return "late"
        if not tracer.has_begun():
            continue
        looks.append((now(), tracer.asleep(), tracer.cpu_s()))
        if waits(looks, WAITS_S if tracer.says_it_waits() else limits.asleep_s):
            return "waiting"
        if looks[-1][2] > allowed_cpu_s:
            if compared:
                return "late"
            allowed_cpu_s, compared = max(allowed_cpu_s, limits.times * yardstick_cpu_s()), True
            looks.clear()  # nobody looked meanwhile
    return "ready"


def waits(looks: deque[tuple[float, bool, float]], long_s: float) -> bool:
    """Whether for so long nearly every look (when, all asleep, CPU time) found it asleep; older ones go."""
    end, _, cpu_s = looks[-1]
    if end - looks[0][0] < long_s:
        return False
    while len(looks) > 1 and end - looks[1][0] >= long_s:
        looks.popleft()
    asleep = sum(one for _, one, _ in looks) / len(looks)
    return asleep >= MOSTLY and cpu_s - looks[0][2] <= (1 - MOSTLY) * long_s
