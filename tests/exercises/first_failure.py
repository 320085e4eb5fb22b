"""What an attendee reads first of a verdict that fails."""

from __future__ import annotations

from grader.judge import judge
from grader.observation import Observation
from grader.verdict import Finding, Outcome
from tests.exercises.simulated import exercise


def first_failure(seen: Observation) -> Finding:
    """What the first check says that fails."""
    told = judge(exercise(seen.exercise), seen)
    assert told.outcome is Outcome.FAIL, told
    return next(one for one in told.checks if one.outcome is Outcome.FAIL)
