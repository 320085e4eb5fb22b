"""Orders about tracers. A tracer has the name that the lab side gave it when it was started."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .jail_kind import JailKind
from .order import Nothing, Order
from .tracer_facts import KernelFacts, TracerRun


@dataclass(frozen=True)
class StartTracer(Order[Nothing], name="start_tracer"):
    """In its jail. Answered at once."""

    tracer: str
    files: Mapping[str, bytes]
    """By their paths below the attempt's folder; one of them is tracer.py."""
    kind: JailKind = field(default_factory=JailKind)
    environment: Mapping[str, str] = field(default_factory=dict)
    """Beside what every tracer finds in it."""
    stream: bool = False
    """Whether each line that it prints is told at once."""


@dataclass(frozen=True)
class StartAhead(Order[Nothing], name="start_ahead"):
    """When this session has ended, a jail of this kind waits for the next attempt."""

    kind: JailKind


@dataclass(frozen=True)
class ReadyLimits:
    """Until when a tracer may be without READY."""

    asleep_s: float
    """Nothing in it works for so long: it waits."""
    cpu_s: float
    """CPU time that it may use without being compared."""
    times: float
    """And in all: so many times the CPU time of the yardstick, measured beside it."""
    most_s: float
    """On the clock. Nothing but a kernel that hangs takes so long."""


@dataclass(frozen=True)
class Readiness:
    """How the wait for READY came out."""

    ready: bool
    ended_by: str = ""
    """As in `TracerRun`, where it has ended: one that waits without READY, or works too long, was ended."""


@dataclass(frozen=True)
class WaitReady(Order[Readiness], name="wait_ready"):
    """Until it says READY, has ended, or was given up."""

    tracer: str
    limits: ReadyLimits


@dataclass(frozen=True)
class InKernel:
    """What the kernel says of tracers, by their names."""

    facts: Mapping[str, KernelFacts]
    ended: tuple[str, ...] = ()
    """Those of them that have ended by themselves."""


@dataclass(frozen=True)
class AskKernel(Order[InKernel], name="kernel_facts"):
    """Programs, attachments and maps."""

    tracers: tuple[str, ...]


@dataclass(frozen=True)
class RunCounts:
    """How often the programs of tracers have run so far."""

    runs: Mapping[str, Mapping[int, int]]
    """Tracer -> program's id -> number."""
    pids: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Tracer -> its processes, as the host numbers them."""
    ended: tuple[str, ...] = ()
    """Those of them that have ended by themselves."""


@dataclass(frozen=True)
class CountRuns(Order[RunCounts], name="run_counts"):
    """Cheap enough for every canary."""

    tracers: tuple[str, ...]


@dataclass(frozen=True)
class Printed:
    """A file on the host with what a tracer printed."""

    path: str = ""
    bytes: int = 0


@dataclass(frozen=True)
class TracerStopped:
    """What one tracer's run came to."""

    run: TracerRun
    killed_by_host: bool = False
    """The whole host ran out of memory and ended one of its processes."""
    refused: tuple[str, ...] = ()
    """What its programs wanted that the gate refused."""
    output_exceeded: bool = False
    """It printed more than is read."""
    documents_before: int = 0
    """Documents that it printed before SIGINT; the last of them is kept."""
    before: Printed = Printed()
    """That document."""
    after: Printed = Printed()
    """All that it printed after SIGINT."""


@dataclass(frozen=True)
class StopTracer(Order[TracerStopped], name="stop_tracer"):
    """SIGINT, wait for its end, drain what it prints."""

    tracer: str
    grace_s: float
    """From SIGINT to its end; CPU time where it is at work on that for longer."""


@dataclass(frozen=True)
class LeftBehind:
    """XDP programs, pins, programs and probes that are still there, in words, by tracer."""

    left_behind: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class FindLeftBehind(Order[LeftBehind], name="left_behind"):
    """After all tracers were stopped. Probes that were not there before the session are removed."""
