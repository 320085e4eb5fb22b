"""A run on the fake host: its exercise, its workload, and what was observed of it."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from grader.attempt import Attempt
from grader.exercise import Check, Exercise, Recorder
from grader.host import Host
from grader.observation import Observation
from grader.observe import observe
from grader.onhost.contract.tracer_orders import TracerStopped
from grader.target import Target
from grader.traffic import Drive, LedgerEntry, OrderChannel, Step, TrafficPlan
from tests.grader.observing.fake_host import STOPPED, FakeHost

ATTEMPT = Attempt.of({"tracer.py": b"print('READY')\n"})
ENTRY = LedgerEntry("exec", "alpha", True, 1, 2)


class FakeWorkload:
    """Counts the steps it is asked for; `fails` is raised by a step of kind `bad`."""

    def __init__(self, fails: BaseException | None = None, answered: bool = True) -> None:
        self.steps: list[str] = []
        self.closed = False
        self._fails, self._answered = fails, answered

    def up(self, host: Host, progress: Callable[[str], None]) -> Target | None:
        return None

    @contextlib.contextmanager
    def drive(self, host: Host, target: Target | None, orders: OrderChannel) -> Iterator[Drive]:
        try:
            yield self
        finally:
            self.closed = True

    def run(self, step: Step) -> list[LedgerEntry]:
        self.steps.append(step.kind)
        if step.kind == "bad" and self._fails is not None:
            raise self._fails
        return [replace(ENTRY, ok=self._answered)]


def exercise(kinds: Sequence[str], checks: tuple[Check, ...]) -> Exercise:
    def plan(rng: random.Random, cpus: int) -> TrafficPlan:
        return TrafficPlan(Step("canary"), (tuple(Step(kind) for kind in kinds),))

    recorder = Recorder(("execve",), whole_host=True)
    folder = Path("exercises/02-hello-world")
    return Exercise(folder, 2, "02-x", "t", "g", 1, "callers", ("tracer.py",), plan, recorder, checks)


def seen(
    host: FakeHost,
    workload: FakeWorkload,
    attempts: int = 1,
    *kinds: str,
    checks: tuple[Check, ...] = (),
) -> list[Observation]:
    asked = exercise(kinds or ("exec",), checks)
    return observe(asked, [ATTEMPT] * attempts, host, None, workload, 7, lambda _line: None)


def came_to(**run: Any) -> TracerStopped:
    """`STOPPED`, but for what is said here of the tracer's run."""
    return replace(STOPPED, run=replace(STOPPED.run, **run))
