"""How long to wait for what, by how fast the lab host is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Patience:
    """Limits in seconds. Generous: they end a run that hangs, they grade nothing."""

    ready_s: float
    """From a tracer's start to READY, when it is the only one."""
    ready_each_s: float
    """More of that for every further tracer that starts at the same time."""
    quiet_s: float
    """Until the target moves no data any more."""
    grace_s: float
    """From SIGINT to the tracer's end."""
    order_s: float
    """For an order that takes a moment at most."""
    yardstick_s: float
    """The yardstick (importing BCC) on a host that is fast enough to blame a tracer for being late."""

    def ready_of(self, tracers: int) -> float:
        """For that many tracers at once."""
        return self.ready_s + self.ready_each_s * (tracers - 1)


EMULATED = Patience(ready_s=90, ready_each_s=20, quiet_s=20, grace_s=30, order_s=60, yardstick_s=8)
REAL = Patience(ready_s=30, ready_each_s=5, quiet_s=10, grace_s=10, order_s=30, yardstick_s=2)


def patience(accel: str) -> Patience:
    """`accel` as in HostFacts. An emulated CPU is ten to thirty times slower, its first run slower still."""
    return EMULATED if accel == "tcg" else REAL
