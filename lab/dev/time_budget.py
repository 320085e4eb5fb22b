"""As many stages of a test run as end within a given time; the machine's pace is learned on the way."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lab.checkout import ROOT
from lab.dev.tally import Tally
from lab.git import git
from lab.terminal import say, stage

CAUTION = 1.25
"""A stage is begun only when it would end in time even if it took this much longer than expected."""


@dataclass(frozen=True)
class TestStage:
    """One stage of `lab dev test`."""

    __test__ = False  # for pytest: this is no test class

    name: str
    usual_s: float
    """Seconds it took on the machine where it was measured; only the ratios between stages matter."""
    run: Callable[[], Tally]
    must_run: bool = False
    """Whether it runs whatever the time: without it the others mean nothing."""
    tells_pace: bool = True
    """Whether its time says how fast the machine is; not when it depends on what is there already."""


@dataclass
class Pace:
    """How much slower this machine is than the one where the stages were measured."""

    spent_s: float = 0.0
    usual_s: float = 0.0

    def expected_s(self, one: TestStage) -> float:
        """What the stage will take here, judged by those that have ended."""
        return one.usual_s * (self.spent_s / self.usual_s if self.usual_s else 1.0)

    def learn(self, one: TestStage, took_s: float) -> None:
        """A stage has ended."""
        if not one.tells_pace:
            return
        self.spent_s += took_s
        self.usual_s += one.usual_s


def run_stages(
    stages: Sequence[TestStage],
    limit_s: float | None = None,
    rotation: int = 0,
    clock: Callable[[], float] = time.monotonic,
) -> Tally:
    """Those that must run, then the others, beginning with a different one each time.

    With `limit_s`, a stage that would not end in time is left out and named. `rotation` says with which of
    the others to begin.
    """
    began_s, pace, total = clock(), Pace(), Tally()
    left_out: list[str] = []
    for one in in_turn(stages, rotation):
        expected_s = pace.expected_s(one)
        left_s = float("inf") if limit_s is None else limit_s - (clock() - began_s)
        if not one.must_run and expected_s * CAUTION > left_s:
            left_out.append(one.name)
            say(f"== {one.name}: left out, about {minutes(expected_s)} here and {minutes(left_s)} left")
            continue
        started_s = clock()
        with stage(one.name):
            total += one.run()
        pace.learn(one, clock() - started_s)
    if left_out:
        say(f"left out because of the time: {', '.join(left_out)}")
    return total


def in_turn(stages: Sequence[TestStage], rotation: int) -> list[TestStage]:
    """Those that must run, in their order; then the others, beginning with number `rotation` of them."""
    first = [one for one in stages if one.must_run]
    others = [one for one in stages if not one.must_run]
    begin = rotation % len(others) if others else 0
    return [*first, *others[begin:], *others[:begin]]


def commits_so_far() -> int:
    """How many commits led to this checkout: another number, another rotation. 0 without git."""
    return int(git(ROOT, "rev-list", "--count", "HEAD") or 0)


def minutes(seconds: float) -> str:
    """`7 min`; seconds below two minutes."""
    return f"{seconds / 60:.0f} min" if seconds >= 120 else f"{max(0.0, seconds):.0f} s"
