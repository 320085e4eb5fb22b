"""What the host finds out about a tracer: how it behaved, and what the kernel says of it.

An observation holds these as they are, and is saved with them: a field that is added needs a default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Attachment:
    """One place where a program of the tracer was attached, from `bpftool perf show`."""

    program_id: int
    kind: str
    """`kprobe`, `kretprobe`, `tracepoint`, `raw_tracepoint`, `uprobe`, `uretprobe`, `xdp`."""
    where: str
    """Function or tracepoint name, path of the binary, or name of the network interface."""
    offset: int = 0


@dataclass(frozen=True)
class ProgramFacts:
    """One eBPF program the tracer had loaded, from `bpftool prog show` just before SIGINT."""

    id: int
    name: str
    kind: str
    """bpftool's `type`: `kprobe`, `tracepoint`, `raw_tracepoint`, `tracing`, ..."""
    run_count: int
    run_time_ns: int
    recursion_misses: int
    map_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class MapFacts:
    """One eBPF map the tracer had made."""

    id: int
    name: str
    kind: str
    max_entries: int
    entries: int | None = None
    """Number of keys in it before SIGINT; None where that was not read (large or not a hash)."""


@dataclass(frozen=True)
class FrameCount:
    """Network frames of one kind."""

    packets: int
    bytes: int
    """Whole frames, Ethernet headers included."""


@dataclass(frozen=True)
class LinkFacts:
    """The interface that the lab made in the tracer's own network, from outside the tracer."""

    interface: str
    up: bool
    """Still up at the end."""
    refused: int
    """Frames that the lab could not send to it: the interface was taken down or away."""
    received: int
    """Its own statistics: frames received, counted before any XDP program sees them."""
    arrived: Mapping[str, FrameCount] = field(default_factory=dict)
    """What a packet socket behind XDP got, by kind (`ipv4/6`, `vlan ipv4/17`, `arp`, `ipv6`, `0x88b5`,
    `short`): what a program dropped is not in it."""
    lost: int = 0
    """Frames that the packet socket had no room for; more than 0 makes the evidence invalid."""


@dataclass(frozen=True)
class KernelFacts:
    """What the kernel itself says about the tracer."""

    programs: tuple[ProgramFacts, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    maps: tuple[MapFacts, ...] = ()
    reads_trace_pipe: bool = False
    """Whether a process of the tracer had the kernel's trace pipe open."""
    left_behind: tuple[str, ...] = ()
    """Programs or attachments of the tracer that were still there after it had ended: another order tells."""
    link: LinkFacts | None = None
    """Only where the exercise needs a network."""
    asked_ns: int = 0
    """Lab host's CLOCK_MONOTONIC when the kernel was asked; run counts are of a moment from then on..."""
    answered_ns: int = 0
    """... to here."""


@dataclass(frozen=True)
class TracerRun:
    """How the tracer behaved as a process."""

    ready: bool
    ended_by: str
    """`sigint` (ended by itself after SIGINT), `exited` (before we asked), `killed` (ignored SIGINT),
    `limit` (a limit of the jail was hit), `not_ready` (it waited, and had not said READY), `late` (still at
    work without READY when it had used all the time that it may), `interference`."""
    exit_code: int | None
    limit: str = ""
    """Which limit, in words, when `ended_by` is `limit` or `interference`: `output`, `memory`, `tasks`"""
    ready_ns: int = 0
    """Lab host's CLOCK_MONOTONIC when READY was read; 0 when it never came."""
    sigint_ns: int = 0
    """The same clock, just before SIGINT was sent."""
    stdout_tail: str = ""
    """The last 64 KiB it printed, without the report documents."""
    stderr_tail: str = ""
    trace_pipe: str = ""
    """The last 16 KiB of lines that programs wrote to the kernel's trace buffer in this run. The buffer is
    one for all tracers, so the lab side adds them."""
    stuck_at: str = ""
    """Where it was when it was given up before READY, `tracer.py:12`; empty when that is not known."""
    cpu_s: float = 0.0
    """CPU time until READY, or until it was given up."""
    refusal: str = ""
    """Why the lab host could not run it, from the host itself; empty when it could."""
