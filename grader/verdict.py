"""Findings and the verdict: the public JSON, and nothing about how it came about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from grader.host import HostFacts

SCHEMA = 1


class Outcome(StrEnum):
    """What a check, or a whole verdict, came to."""

    PASS = "pass"
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
    title: str
    """One sentence: what must be true."""
    outcome: Outcome
    expected: Any = None
    got: Any = None
    tolerance: Any = None
    unit: str = ""
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
    events: int
    ns_per_event: float


@dataclass(frozen=True)
class Verdict:
    """The answer of `lab check N`."""

    exercise: str
    outcome: Outcome
    checks: tuple[Finding, ...]
    cost: tuple[ProbeCost, ...]
    host: HostFacts
    seed: int
    timings: Mapping[str, float] = field(default_factory=dict)
    attempt: str = ""
    observation: str = ""
    """Path of the saved observation, for `lab replay`."""
    trust: str = "self-reported"
    """`self-reported`, or `practice` for a run with a chosen seed or tracer."""
    schema: int = SCHEMA
