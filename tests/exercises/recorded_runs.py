"""Real runs of the solutions, as they were recorded on a lab host."""

from __future__ import annotations

from functools import cache

from grader.observation import Observation
from grader.written.observation_file import load
from tests.exercises.simulated import ROOT

SLUGS = sorted(path.parent.name for path in (ROOT / "solutions").glob("*/observation.json.gz"))
"""Of the exercises that have one."""


@cache
def recorded(slug: str) -> Observation:
    """The run that lies beside the solution, read once."""
    return load(ROOT / "solutions" / slug / "observation.json.gz")
