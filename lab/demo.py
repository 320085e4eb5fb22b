"""`lab demo`: from nothing to a graded tracer, each step with the time it took."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from grader.attempt import Attempt
from grader.exercise import Exercise
from grader.verdict import Outcome, Verdict
from grader.written.render import render
from lab import checkout
from lab.dev.entries import entries
from lab.hosts import open_host
from lab.one_check import one_check
from lab.pace import about
from lab.reading import section, show_text
from lab.settings import load_settings
from lab.show import show_numbers
from lab.start_ahead import start_ahead
from lab.terminal import answer, say, verdict_width
from lab.waiting import expected_left_s, waiting
from lab.workspace import Workspace
from vm.open_vm import embedded_machine
from vocabulary.exit_codes import BROKEN, PASSED

WORKSPACE = "demo-work"
LONGEST = 55
CHECKED = {"starter": "as you get it: it must fail", "solution": "it must pass"}
"""What is graded, and why."""
Progress = Callable[[str], None]


@dataclass
class Steps:
    """The steps of the demo and the seconds they took; it grows while the demo runs."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str, progress: Progress) -> Iterator[None]:
        """Say a step as it starts, and keep its time."""
        progress(f"[{len(self.seconds) + 1}] {name}")
        began = time.monotonic()
        yield
        self.seconds[name] = time.monotonic() - began

    def table(self) -> str:
        """A line for each step."""
        lines = [f"{name:{LONGEST}} {seconds:7.1f} s" for name, seconds in self.seconds.items()]
        return "\n".join([*lines, f"{'altogether':{LONGEST}} {sum(self.seconds.values()):7.1f} s"])


def demo(exercise: Exercise, place: Workspace, progress: Progress) -> int:
    """Starter and solution of one exercise, graded; the exit code: 0 when one failed and the other passed."""
    steps = Steps()
    by_title = {one.title: one for one in entries(exercise)}
    say_what_comes(exercise, progress)
    with steps.step("lab host up", progress), open_host("demo", progress) as host:
        facts = host.facts
    progress(f"    {facts.kind}, kernel {facts.kernel}, {facts.accel}, {facts.cpus} CPUs")
    place.start(exercise.slug, exercise.starter_files)
    verdicts: list[Verdict] = []
    for title, why in CHECKED.items():
        attempt, name = Attempt.of(by_title[title].files), f"exercise {exercise.number}: the {title}, {why}"
        with (
            waiting(wait_name(exercise, title), "the verdict is there", progress) as tell,
            steps.step(name, tell),
        ):
            checked = one_check(exercise, attempt, place, tell, practice=True, verb="demo")
        verdicts.append(checked.verdict)
        answer.print(render(checked.verdict, width=verdict_width()), markup=False)
    with steps.step("the page of the last verdict", progress):
        show_numbers(exercise, place, verdicts[-1])
    answer.print(f"\n{steps.table()}\n", markup=False)
    good = [verdict.outcome for verdict in verdicts] == [Outcome.FAIL, Outcome.PASS]
    if good:
        answer.print(next_commands(), markup=False)
    else:
        say("the demo did not go as it should: the starter must fail and the solution must pass")
    return PASSED if good else BROKEN


def say_what_comes(exercise: Exercise, progress: Progress) -> None:
    """About how long all of it takes, and what the exercise is about: something to read meanwhile."""
    machine = embedded_machine()
    vm = load_settings().host == "vm" and machine.running() is None and not machine.is_changing()
    start_s = (start_ahead(machine).seconds or 0.0) if vm else 0.0
    checks_s = sum(
        max(expected_left_s(wait_name(exercise, title)).values(), default=0.0) for title in CHECKED
    )
    progress(f"the demo takes {about(start_s + checks_s)}" + (", most of it once" if vm else ""))
    idea = section(exercise.folder / "README.md", "The idea")
    if idea:
        progress(f"meanwhile, what exercise {exercise.number} is about:\n")
        show_text(idea)


def wait_name(exercise: Exercise, title: str) -> str:
    """Under which the times of a check of the demo are remembered."""
    return f"demo {exercise.number} {title}"


def next_commands() -> str:
    """What to type next."""
    first = int(checkout.slugs()[0][:2])
    return f"now you:  lab list\n          lab start {first}\n          lab check {first}"
