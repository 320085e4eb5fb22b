"""Observes until a verdict stands: again when a run is no evidence, once more when it could not decide."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace

from grader.exercise import Exercise
from grader.judge import Again, again, judge
from grader.observation import Observation
from grader.verdict import Outcome, Verdict

MOST_RUNS = 5

Observe = Callable[[int], Observation]
"""One traffic run with this seed."""


@dataclass(frozen=True)
class Settled:
    """A verdict that stands, and the runs it was judged from (two when they were pooled)."""

    verdict: Verdict
    runs: tuple[Observation, ...]

    @property
    def seen(self) -> Observation:
        """The last run."""
        return self.runs[-1]


def new_seed() -> int:
    """A seed that nobody can guess before the run."""
    return secrets.randbelow(2**31)


def settle(
    exercise: Exercise, observe: Observe, progress: Callable[[str], None], seed: int | None = None
) -> Settled:
    """Runs until judged, at most five times. A chosen `seed` is used for every run."""
    runs: tuple[Observation, ...] = ()
    for number in range(1, MOST_RUNS + 1):
        fresh = observe(new_seed() if seed is None else seed)
        verdict = judge(exercise, fresh if not runs else [*runs, fresh])
        wanted = again(verdict)
        if wanted is Again.NO:
            return Settled(verdict, (*runs, fresh))
        why = reasons(verdict)
        if number == MOST_RUNS:
            break
        if wanted is Again.POOL:
            runs = (fresh,)
            progress(f"one run cannot decide ({why}): one more")
        else:
            progress(f"this run cannot be used ({why}): again with other traffic ({number} of {MOST_RUNS})")
    return Settled(too_busy(verdict, why), (*runs, fresh))


def reasons(verdict: Verdict) -> str:
    """What the findings that could not tell say."""
    return "; ".join(one.message for one in verdict.checks if one.outcome is Outcome.ERROR and one.message)


def too_busy(verdict: Verdict, why: str) -> Verdict:
    """The same verdict, its reason in front of a person who can only try again."""
    said = f"this machine was too busy to tell, {MOST_RUNS} times in a row; the last time: {why}"
    number = int(verdict.exercise.partition("-")[0])
    checks = [
        replace(one, message=said, hint=f"close what keeps the machine busy, then: lab check {number}")
        if one.outcome is Outcome.ERROR
        else one
        for one in verdict.checks
    ]
    return replace(verdict, checks=tuple(checks))
