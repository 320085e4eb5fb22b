"""`lab demo`: from nothing to a graded tracer, each step with the time it took."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from grader.attempt import Attempt
from grader.exercise import Exercise
from grader.render import render
from grader.verdict import Outcome, Verdict
from lab import checkout
from lab.dev.entries import entries
from lab.failures import BROKEN, PASSED
from lab.hosts import open_host
from lab.one_check import one_check
from lab.show import show_numbers
from lab.terminal import answer, say, verdict_width
from lab.workspace import Workspace

WORKSPACE = "demo-work"
LONGEST = 55


@dataclass
class Steps:
    """The steps of the demo and the seconds they took; it grows while the demo runs."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Say a step as it starts, and keep its time."""
        say(f"[{len(self.seconds) + 1}] {name}")
        began = time.monotonic()
        yield
        self.seconds[name] = time.monotonic() - began

    def table(self) -> str:
        """A line for each step."""
        lines = [f"{name:{LONGEST}} {seconds:7.1f} s" for name, seconds in self.seconds.items()]
        return "\n".join([*lines, f"{'altogether':{LONGEST}} {sum(self.seconds.values()):7.1f} s"])


def demo(exercise: Exercise, place: Workspace, progress: Callable[[str], None]) -> int:
    """Starter and solution of one exercise, graded; the exit code: 0 when one failed and the other passed."""
    steps = Steps()
    by_title = {one.title: one for one in entries(exercise)}
    with steps.step("lab host up"), open_host("demo", progress) as host:
        facts = host.facts
    progress(f"    {facts.kind}, kernel {facts.kernel}, {facts.accel}, {facts.cpus} CPUs")
    place.start(exercise.slug, exercise.starter_files)
    verdicts: list[Verdict] = []
    for title, why in (("starter", "as you get it: it must fail"), ("solution", "it must pass")):
        with steps.step(f"exercise {exercise.number}: the {title}, {why}"):
            attempt = Attempt.of(by_title[title].files)
            checked = one_check(exercise, attempt, place, progress, practice=True, verb="demo")
        verdicts.append(checked.verdict)
        answer.print(render(checked.verdict, width=verdict_width()), markup=False)
    with steps.step("the page of the last verdict"):
        show_numbers(exercise, place, verdicts[-1])
    answer.print(f"\n{steps.table()}\n", markup=False)
    good = [verdict.outcome for verdict in verdicts] == [Outcome.FAIL, Outcome.PASS]
    if good:
        answer.print(next_commands(), markup=False)
    else:
        say("the demo did not go as it should: the starter must fail and the solution must pass")
    return PASSED if good else BROKEN


def next_commands() -> str:
    """What to type next."""
    first = int(checkout.slugs()[0][:2])
    return f"now you:  lab list\n          lab start {first}\n          lab check {first}"
