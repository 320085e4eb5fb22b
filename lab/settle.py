"""Observes until a verdict stands: again when a run is no evidence, once more when it could not decide.

Only what another run may mend is made again; a thing that is broken is said at once (`grader.trouble`).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from grader.exercise import Exercise
from grader.judge import Again, again, judge
from grader.judging.evidence import problem
from grader.observation import Observation
from grader.trouble import Kind, Trouble
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
    before: tuple[Trouble, ...] = ()
    for number in range(1, MOST_RUNS + 1):
        fresh = observe(new_seed() if seed is None else seed)
        verdict = judge(exercise, fresh if not runs else [*runs, fresh])
        wanted = again(verdict)
        if wanted is Again.NO:
            return Settled(verdict, (*runs, fresh))
        why = reasons(verdict)
        if number == MOST_RUNS or is_no_chance(before, fresh.troubles):
            break
        before = fresh.troubles
        if wanted is Again.POOL:
            runs = (fresh,)
            progress(f"one run cannot decide ({why}): one more")
        else:
            progress(f"this run cannot be used ({why}): again with other traffic ({number} of {MOST_RUNS})")
    trouble = problem(fresh, exercise.evidence)
    # What cannot be decided twice are durations: threads waited for their CPU.
    busy = wanted is Again.POOL or (trouble is not None and trouble.kind is Kind.BUSY)
    return Settled(given_up(verdict, too_busy(why) if busy else unusable(number, why)), (*runs, fresh))


def is_no_chance(before: Sequence[Trouble], now: Sequence[Trouble]) -> bool:
    """Whether what failed twice in a row will fail again: in the same words, and not for want of time."""
    return bool(now) and now == before and all(one.kind is Kind.PASSING for one in now)


def reasons(verdict: Verdict) -> str:
    """What the findings that could not tell say."""
    return "; ".join(one.message for one in verdict.checks if one.outcome is Outcome.ERROR and one.message)


def too_busy(why: str) -> tuple[str, str]:
    """Message and what helps, where the machine had too little time."""
    said = f"this machine was too busy to tell, {MOST_RUNS} times in a row; the last time: {why}"
    return said, "close what keeps the machine busy"


def unusable(runs: int, why: str) -> tuple[str, str]:
    """Message and what helps, where nobody knows why."""
    return f"{runs} runs in a row could not be used; the last time: {why}", "read what lab logs shows"


def given_up(verdict: Verdict, told: tuple[str, str]) -> Verdict:
    """The same verdict, its reason in front of a person who can only try again."""
    message, helps = told
    hint = f"{helps}, then: lab check {int(verdict.exercise.partition('-')[0])}"
    checks = [
        replace(one, message=message, hint=hint) if one.outcome is Outcome.ERROR else one
        for one in verdict.checks
    ]
    return replace(verdict, checks=tuple(checks))
