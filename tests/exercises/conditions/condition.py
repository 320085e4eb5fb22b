"""One sentence of a README, and what tracers print whose authors read it wrongly."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from grader.observation import KernelFacts, Observation, Report

Tracer = Callable[[Observation], Observation]
"""A run through a tracer: the same run, with what the tracer printed and what the kernel knows of it."""
Prints = Callable[[Observation], Mapping[str, Any]]


@dataclass(frozen=True)
class Condition:
    """What a README states, and each wrong reading of it. The traffic must break every one."""

    says: str
    """The README's own words, but for line breaks."""
    readings: Mapping[str, Tracer]


@dataclass(frozen=True)
class Stated:
    """All that the README of one exercise states."""

    slug: str
    runs: Mapping[str, Callable[[], Observation]]
    """By a name: a real run that was recorded, and runs as they are planned with several seeds."""
    right: Tracer
    conditions: tuple[Condition, ...]


def printing(
    document: Mapping[str, Any], seen: Observation, kernel: KernelFacts | None = None
) -> Observation:
    """The run through a tracer that printed this."""
    return dataclasses.replace(seen, report=Report(document, bytes=9), kernel=kernel or seen.kernel)
