"""What the kernel alone proves before any traffic is sent: a tracer that no traffic could make right."""

from __future__ import annotations

from grader.exercise import Exercise
from grader.observation import Observation
from grader.verdict import Outcome


def proven_wrong(exercise: Exercise, seen: Observation) -> bool:
    """Whether a check that needs no traffic (`Check.before_traffic`) fails on what is known at READY.

    A check that raises proves nothing: it is asked again at the end, and its error told then.
    """
    for check in exercise.checks:
        if not check.before_traffic:
            continue
        try:
            if check.run(seen).outcome is Outcome.FAIL:
                return True
        except Exception:
            return False
    return False
