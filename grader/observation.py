"""Everything one run showed. `judge` sees nothing else, so a saved observation can be judged again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from grader.onhost.contract.tracer_facts import (
    Attachment,
    FrameCount,
    KernelFacts,
    LinkFacts,
    MapFacts,
    ProgramFacts,
    TracerRun,
)
from grader.target import Target
from grader.traffic import LedgerEntry
from grader.trouble import Trouble
from vocabulary.host_facts import HostFacts

__all__ = [
    "SCHEMA",
    "Attachment",
    "BadReport",
    "FrameCount",
    "FunctionCall",
    "KernelFacts",
    "LinkFacts",
    "MapFacts",
    "Observation",
    "ProgramFacts",
    "RecordedCall",
    "RecordedTask",
    "Recording",
    "Report",
    "TracerRun",
]

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
    troubles: tuple[Trouble, ...] = ()
    """What went wrong on our side while observing; any entry makes the evidence invalid."""
    schema: int = SCHEMA
