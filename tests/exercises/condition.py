"""One sentence of a README, and what tracers print whose authors read it wrongly.

Each exercise's stand in `NN-slug/conditions.py` beside this file, as `STATED`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from grader.observation import KernelFacts, MapFacts, Observation, Report

Tracer = Callable[[Observation], Observation]
"""A run through a tracer: the same run, with what the tracer printed and what the kernel knows of it."""
FOLDER = Path(__file__).resolve().parent


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

    def reading(self, name: str) -> Tracer:
        """The one wrong reading that is called so."""
        (found,) = (one.readings[name] for one in self.conditions if name in one.readings)
        return found


def stated(slug: str) -> Stated:
    """What one exercise's README states."""
    found: Stated = import_module(f"tests.exercises.{slug}.conditions").STATED
    return found


def all_stated() -> dict[str, Stated]:
    """By the exercise's slug, for all that have such a file."""
    return {path.parent.name: stated(path.parent.name) for path in sorted(FOLDER.glob("*/conditions.py"))}


def printing(
    document: Mapping[str, Any], seen: Observation, kernel: KernelFacts | None = None
) -> Observation:
    """The run through a tracer that printed this."""
    return dataclasses.replace(seen, report=Report(document, bytes=9), kernel=kernel or seen.kernel)


def with_maps(seen: Observation, *maps: MapFacts) -> Observation:
    """The same tracer with other maps."""
    return dataclasses.replace(seen, kernel=dataclasses.replace(seen.kernel, maps=maps))
