"""The recorded run of an exercise's solution, which lies beside it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from grader.exercise import Exercise
from grader.observation import Observation
from grader.written import observation_file
from lab.checkout import SOLUTIONS

RECORDED = "observation.json.gz"


def recorded(exercise: Exercise) -> Observation | None:
    """This run; None where the exercise has none."""
    path = SOLUTIONS / exercise.slug / RECORDED
    return loaded(path, path.stat().st_mtime_ns) if path.exists() else None


@cache
def loaded(path: Path, _changed_ns: int) -> Observation:
    """Read once in this state: several pages show the same run."""
    return observation_file.load(path)
