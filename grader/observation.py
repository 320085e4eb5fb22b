"""Everything one run showed. `judge` sees nothing else, so a saved observation can be judged again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from grader.host import HostFacts
from grader.target import Target
from grader.traffic import LedgerEntry

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """One system call as a recorder saw it. Times are the lab host's CLOCK_MONOTONIC, in nanoseconds."""

    syscall: str
    entry_ns: int
    """0 when the call began before the recorder was on."""
    exit_ns: int
    """0 when the call had not ended when the recorder was read."""
    ret: int
    fd: int
    """First argument, as a signed number (a file descriptor for most calls, a pointer for execve)."""
    tid: int
    pid: int
    comm: str
    """Name of the calling thread when the call began."""
    in_target: bool
    """Whether the caller was in the target's cgroup subtree."""
    fd_kind: str = ""
    """`inet`, `unix`, `pipe`, `eventfd` or `other`; empty where the exercise did not ask."""
    port: int = 0
    """Local port of an internet socket."""

    @property
    def duration_ns(self) -> int:
        """Time between entry and return; meaningless for a straddling call."""
        return self.exit_ns - self.entry_ns


@dataclass(frozen=True, slots=True)
class RecordedTask:
    """A fork or a program start (exec that succeeded) anywhere on the lab host."""

    kind: str
    """`fork`, `exec`, or `tracers_exec`: a program that a tracer started."""
    at_ns: int
    pid: int
    comm: str
    """fork: the parent's name. exec: the name of the new program."""


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """One call of a function of the target's binary. Time is the lab host's CLOCK_MONOTONIC."""

    symbol: str
    at_ns: int
    arguments: tuple[int, ...]
    """The first two, as unsigned 64-bit numbers, whatever the function makes of them."""
    tid: int
    pid: int
    in_target: bool
    """Whether the caller was in the target's cgroup subtree: other containers may run the same file."""


@dataclass(frozen=True)
class Recording:
    """What one recorder (one mechanism) saw in the run."""

    mechanism: str
    """`raw_tracepoint` or `fentry`."""
    calls: tuple[RecordedCall, ...]
    tasks: tuple[RecordedTask, ...] = ()
    lost: int = 0
    """Events the recorder itself had to drop; more than 0 makes the evidence invalid."""
    functions: tuple[FunctionCall, ...] = ()
    """Calls of functions in user space, in the order of time; only the first recorder notes them."""
    offsets: Mapping[str, int] = field(default_factory=dict)
    """Symbol -> where it lies in the target's binary file."""


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
    """Programs or attachments of the tracer that were still there after it had ended."""
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
    """The last 16 KiB of lines that its programs wrote to the kernel's trace buffer in this run."""
    stuck_at: str = ""
    """Where it was when it was given up before READY, `tracer.py:12`; empty when that is not known."""
    cpu_s: float = 0.0
    """CPU time until READY, or until it was given up."""
    refusal: str = ""
    """Why the lab host could not run it, from the host itself; empty when it could."""


@dataclass(frozen=True)
class Report:
    """The last report document the tracer printed after SIGINT (or before, if none came after)."""

    document: Mapping[str, Any]
    bytes: int
    documents_seen: int = 1


@dataclass(frozen=True)
class BadReport:
    """What the tracer printed was no report."""

    reason: str
    """`none` (nothing that looks like one), `not_json`, `not_an_object`, `not_finite` (NaN, Infinity),
    `too_large` (16 MiB on one line or in all), `not_utf8`."""
    excerpt: str = ""
    """The offending text, at most 200 characters, control characters removed."""


@dataclass(frozen=True)
class Observation:
    """One traffic run seen through one tracer."""

    exercise: str
    """The exercise's slug with its number, `04-kprobes`."""
    seed: int
    attempt: str
    """Digest of the attendee's files."""
    host: HostFacts
    target: Target | None
    traffic_ran: bool
    """False when the tracer gave no reason to send it: it did not load, attached nothing or elsewhere, had
    ended, or no canary (only those are in the ledger then) made its programs run."""
    ledger: tuple[LedgerEntry, ...]
    recordings: tuple[Recording, ...]
    tracer: TracerRun
    report: Report | BadReport
    kernel: KernelFacts
    timings: Mapping[str, float] = field(default_factory=dict)
    """Seconds per step of the run: load, traffic, quiet, stop, ..."""
    sources: Mapping[str, str] = field(default_factory=dict)
    """The attendee's text files by name, so that an error of loading can show the line it is about."""
    troubles: tuple[str, ...] = ()
    """What went wrong on our side while observing; any entry makes the evidence invalid."""
    schema: int = SCHEMA
