"""Orders to the driver. Most are steps of a traffic plan: the ledger holds their fields and answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .order import Nothing, Order
from .tracer_facts import FrameCount


@dataclass(frozen=True)
class Started:
    """What a caller did, each as often as it says."""

    execs: int
    fail_execs: int
    forks: int


@dataclass(frozen=True)
class ExecCaller(Order[Started], name="exec_caller"):
    """A process of this name starts programs, fails to start programs, and forks, mixed."""

    caller: str
    """15 bytes of it are kept."""
    execs: int = 0
    fail_execs: int = 0
    forks: int = 0


@dataclass(frozen=True)
class NoiseWritten:
    """Lines that were really written."""

    lines: int


@dataclass(frozen=True)
class TracePipeNoise(Order[NoiseWritten], name="trace_pipe_noise"):
    """So many lines of another program in the trace buffer."""

    lines: int


@dataclass(frozen=True)
class FramesSent:
    """By kind, as each tracer's interface was sent them."""

    sent: Mapping[str, FrameCount]


@dataclass(frozen=True)
class RawPackets(Order[FramesSent], name="raw_packets"):
    """Frames to every tracer's interface, mixed, with random sizes."""

    frames: Mapping[str, int]
    """Kind (a key of `KINDS` in network/frames.py) -> number."""
    seed: int = 0
    cpu: int = 0
    """By which CPU they are sent, 0 is the first: there the kernel runs the tracers' XDP programs."""


@dataclass(frozen=True)
class Parked:
    """Threads that wait now."""

    threads: int
    pid: int
    """Their process, as the host numbers it."""


@dataclass(frozen=True)
class ParkThreads(Order[Parked], name="park_threads"):
    """So many threads inside the target's cgroup wait in epoll_wait until they are unparked."""

    threads: int


@dataclass(frozen=True)
class UnparkThreads(Order[Nothing], name="unpark_threads"):
    """Their calls have returned, and the process is gone."""


@dataclass(frozen=True)
class CallsMade:
    """What was asked for, as it was done."""

    calls: Mapping[str, int]
    pid: int
    """The process that made them, as the host numbers it."""


@dataclass(frozen=True)
class TargetCalls(Order[CallsMade], name="target_calls"):
    """A process in a child cgroup of the target makes exactly these calls and no other."""

    calls: Mapping[str, int]
    """Name (a key of what `makers` in driver/calls_on_kinds.py or target_calls.py returns) -> number."""
    comm: str = ""
    """The process's name; without it, Python's."""


@dataclass(frozen=True)
class Held:
    """Threads that are held now."""

    threads: int


@dataclass(frozen=True)
class HoldThreads(Order[Held], name="hold_threads"):
    """A server's threads that wait in epoll_wait stay there until it has accepted so many connections."""

    pid: int
    connections: int


@dataclass(frozen=True)
class Released:
    """Connections that the server has accepted meanwhile."""

    accepted: int


@dataclass(frozen=True)
class ReleaseThreads(Order[Released], name="release_threads"):
    """The connections are there; nobody is held any more."""
