"""Orders about the lab host as a whole."""

from __future__ import annotations

from dataclasses import dataclass, field

from .order import Nothing, Order


@dataclass(frozen=True)
class HostNotes:
    """What this host's jail cannot do, in words; nothing where it can do all."""

    notes: tuple[str, ...]


@dataclass(frozen=True)
class Hello(Order[HostNotes], name="hello"):
    """What must be known of the host before a run."""


@dataclass(frozen=True)
class Quiet(Order[Nothing], name="quiet"):
    """Wait until nothing moves any more, neither data in the target nor frames to a tracer's network.

    That is, during `polls` looks in a row; no longer than `timeout_s`.
    """

    polls: int = 3
    every_s: float = 0.1


@dataclass(frozen=True)
class TracePipe:
    """The last 16 KiB of what eBPF programs printed into the kernel's trace buffer."""

    lines: str


@dataclass(frozen=True)
class TraceLines(Order[TracePipe], name="trace_lines"):
    """What was printed since the recorder is on."""


@dataclass(frozen=True)
class CpuTime:
    """CPU time of compiling and attaching a tracer of ours."""

    cpu_s: float


@dataclass(frozen=True)
class MeasureYardstick(Order[CpuTime], name="yardstick"):
    """How fast the host is now; asked when a tracer did not end on SIGINT."""

    timeout_s: float = field(default=600.0, kw_only=True)
