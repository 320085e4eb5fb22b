"""Findings and the verdict: the public JSON, and nothing about how it came about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from vocabulary.host_facts import HostFacts

SCHEMA = 1


class Outcome(StrEnum):
    """What a check, or a whole verdict, came to."""

    PASS = "pass"
    """The tracer is right."""
    FAIL = "fail"
    """The attendee's tracer is wrong, whatever it printed or did."""
    ERROR = "error"
    """The lab could not tell. Never the attendee's fault."""
    SKIP = "skip"
    """An earlier check failed, so this one has nothing to look at."""


@dataclass(frozen=True)
class Finding:
    """What one check found, in the words the attendee reads."""

    name: str
    """Stable: `calls_per_syscall`."""
    title: str
    """One sentence: what must be true."""
    outcome: Outcome
    """Of this check alone."""
    expected: Any = None
    """What was really so: a number, or one for each key."""
    got: Any = None
    """The same by the tracer."""
    tolerance: Any = None
    """How far apart the two may be; null or 0: not at all."""
    unit: str = ""
    """Of the three before it: `calls`, `events`, `ns`."""
    message: str = ""
    """Sent, seen, allowed."""
    hint: str = ""
    """Where to look next; a command where there is one."""
    cause: str = ""
    """Stable word for the likely mistake, e.g. `return_probes_exhausted`; empty on a pass."""


@dataclass(frozen=True)
class ProbeCost:
    """What one of the tracer's programs cost, from the kernel's own statistics."""

    probe: str
    """`kprobe on readv`."""
    events: int
    """How often the program ran."""
    ns_per_event: float
    """Nanoseconds, on average; on an emulated CPU only good for comparing."""


@dataclass(frozen=True)
class Verdict:
    """The answer of `lab check N`."""

    exercise: str
    """Its folder's name, `04-kprobes`."""
    outcome: Outcome
    """Of the whole check; the exit code follows it."""
    checks: tuple[Finding, ...]
    """In the order in which they were made."""
    cost: tuple[ProbeCost, ...]
    """One for each program of the tracer. Shown, never graded."""
    host: HostFacts
    """The machine it was taken on."""
    seed: int
    """What the traffic was made from; known only after the run."""
    timings: Mapping[str, float] = field(default_factory=dict)
    """Seconds for each step of the run."""
    attempt: str = ""
    """Digest of the attendee's files."""
    observation: str = ""
    """Path of the saved observation, for `lab replay`."""
    trust: str = "self-reported"
    """`self-reported`, or `practice` for a run with a chosen seed or tracer."""
    schema: int = SCHEMA
    """Number of this form; another one means that a field changed its name or meaning."""
