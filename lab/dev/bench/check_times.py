"""A whole `lab check` against what it cannot be quicker than: its traffic and the tracer's own load time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from grader.attempt import Attempt
from grader.exercise import Exercise
from grader.judge import judge
from grader.observe import observe
from lab.dev.bench.spread import Spread
from lab.hosts import open_host
from lab.settle import new_seed
from workloads.discover import load_workload

FLOOR = ("load", "canary", "traffic")
"""Steps of a run from the tracer's start to the last answer."""


@dataclass(frozen=True)
class CheckTimes:
    """Seconds of whole checks, of their floors, and what is over 1.3 x the floor."""

    exercise: str
    whole: Spread
    floor: Spread
    over: Spread
    outcomes: tuple[str, ...]

    def lines(self) -> list[str]:
        """For people."""
        return [
            f"check of {self.exercise}, host up: {self.whole.text('s', 1)}",
            f"  verdicts: {', '.join(self.outcomes)}",
            f"  its floor (tracer's load + traffic): {self.floor.text('s', 1)}",
            f"  whole - 1.3 x floor: {self.over.text('s', 1)} (aim: at most 3)",
        ]


def check_times(
    exercise: Exercise, attempt: Attempt, times: int, progress: Callable[[str], None]
) -> CheckTimes:
    """Each time the host is opened anew, as the command does. One traffic run a check: none is repeated."""
    whole, floor, outcomes = [], [], []
    for number in range(1, times + 1):
        begun_s = time.monotonic()
        workload = load_workload(exercise.workload)
        with open_host("dev", progress) as host:
            target = workload.up(host, progress)
            (seen,) = observe(exercise, [attempt], host, target, workload, new_seed(), lambda _line: None)
        outcomes.append(str(judge(exercise, seen).outcome))
        whole.append(time.monotonic() - begun_s)
        floor.append(sum(seen.timings.get(step, 0.0) for step in FLOOR))
        progress(f"check {number} of {times}: {whole[-1]:.1f} s, floor {floor[-1]:.1f} s, {outcomes[-1]}")
    over = [one - 1.3 * least for one, least in zip(whole, floor, strict=True)]
    return CheckTimes(exercise.slug, Spread.of(whole), Spread.of(floor), Spread.of(over), tuple(outcomes))
