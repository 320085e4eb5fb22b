"""How long to wait for what, by how fast the lab host is."""

from __future__ import annotations

from dataclasses import dataclass

from grader.onhost.contract.tracer_orders import ReadyLimits

ASLEEP_S = 10
"""A tracer without READY in which nothing has worked for so long waits for something."""

WHOLE_PATIENCE = 2
"""At the second try, alone: so many times what it may use at the first."""


@dataclass(frozen=True)
class Patience:
    """Limits in seconds. Generous: they end a run that hangs, they grade nothing."""

    ready_cpu_s: float
    """CPU time that a tracer may use before READY without being compared with one of ours."""
    ready_times: float
    """And in all, as a multiple of what compiling and attaching ours takes beside it."""
    ready_most_s: float
    """Before READY. Only a kernel that hangs takes so long without using CPU time or sleeping."""
    quiet_s: float
    """Until the target moves no data any more."""
    grace_s: float
    """From SIGINT to the tracer's end; CPU time where it is at work on that for longer."""
    order_s: float
    """For an order that takes a moment at most."""
    yardstick_cpu_s: float
    """CPU time of the yardstick on a host that is fast enough to blame a tracer for not ending in time."""

    def before_ready(self, tries: int = 1) -> ReadyLimits:
        """The limits of a tracer until READY; at the second try it is alone."""
        more = 1 if tries == 1 else WHOLE_PATIENCE
        return ReadyLimits(
            asleep_s=ASLEEP_S,
            cpu_s=self.ready_cpu_s * more,
            times=self.ready_times * more,
            most_s=self.ready_most_s,
        )


EMULATED = Patience(
    ready_cpu_s=90, ready_times=7, ready_most_s=900, quiet_s=20, grace_s=30, order_s=60, yardstick_cpu_s=30
)
REAL = Patience(
    ready_cpu_s=20, ready_times=7, ready_most_s=300, quiet_s=10, grace_s=10, order_s=30, yardstick_cpu_s=6
)


def patience(accel: str) -> Patience:
    """`accel` as in HostFacts. An emulated CPU is ten to thirty times slower, its first run slower still."""
    return EMULATED if accel == "tcg" else REAL
