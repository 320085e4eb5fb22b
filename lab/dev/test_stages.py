"""The stages of `lab dev test`: programs of their own (ruff, mypy, pytest), then tracers on a lab host."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from lab import checkout
from lab.checkout import ROOT
from lab.dev.attack import play
from lab.dev.attacks import attacks
from lab.dev.attacks import sample as sample_of_attacks
from lab.dev.entries import entries, sample
from lab.dev.matrix_session import matrix, tally
from lab.dev.tally import Tally, of_junit, one
from lab.dev.time_budget import TestStage
from lab.dev.typed_exercises import type_check
from lab.hosts import open_host
from lab.system_packages import need_browser
from lab.terminal import say

FOLDERS = ("vocabulary", "grader", "vm", "workloads", "lab", "tests")
"""What is type-checked; `lab.dev.typed_exercises` does the exercises and their tests."""

PROGRAMS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ruff check", ("-m", "ruff", "check", ".", "bin/lab")),
    ("ruff format", ("-m", "ruff", "format", "--check", ".", "bin/lab")),
    ("mypy", ("-m", "mypy", *FOLDERS)),
)

ON_ALL_CPUS = ("-n", "auto", "--dist", "worksteal")
"""A process for each CPU, each with tests that lie beside each other: they read the same recorded runs. Only
for tests that share no lab host and no browser."""


def stages(*, host: bool, browser: bool, seed: int) -> list[TestStage]:
    """All of them. Usual seconds: of a run on two CPUs beside another emulated machine, the image built."""
    chosen = [TestStage(name, 5, partial(_program, name, words), must_run=True) for name, words in PROGRAMS]
    chosen.append(TestStage("mypy, the exercises", 15, typed_exercises, must_run=True))
    chosen.append(TestStage("pytest", 190, partial(_pytest, "-q", *ON_ALL_CPUS), must_run=True))
    if browser:
        chosen.append(TestStage("pytest, in the browser", 190, browser_tests))
    if host:
        chosen += host_stages(seed)
    return chosen


def host_stages(seed: int) -> list[TestStage]:
    """What needs a lab host: a sample of each exercise and of the attacks, and the tests marked lab_host."""
    return [
        TestStage("the lab host is up", 240, host_up, must_run=True, tells_pace=False),
        TestStage("pytest, on the lab host", 1400, partial(_pytest, "-q", "-m", "lab_host")),
        TestStage(
            f"six attacks and an honest check (--seed {seed})",
            100,
            lambda: tally(play(sample_of_attacks(attacks(), seed), again=True)),
        ),
        *(
            TestStage(
                f"{slug}: starter, solution, one variant, three rejected (--seed {seed})",
                90,
                partial(sample_of_exercise, slug, seed),
            )
            for slug in checkout.slugs()
        ),
    ]


def typed_exercises() -> Tally:
    """Their checks, traffic and mistakes, and the tests of each."""
    return one("mypy, the exercises", type_check() == 0)


def host_up() -> Tally:
    """Builds and boots it where that is to be done, so that no other stage's time holds it."""
    with open_host("dev test", say):
        return one("lab host", True)


def sample_of_exercise(slug: str, seed: int) -> Tally:
    """Some tracers of one exercise, chosen by the seed; always anew."""
    exercise = checkout.exercise(slug)
    return tally(matrix(exercise, sample(entries(exercise), seed), None))


def browser_tests() -> Tally:
    """The site in Chromium; brings it where it is missing."""
    need_browser()
    return _pytest("-q", "-m", "browser")


def _program(name: str, words: Sequence[str]) -> Tally:
    return one(name, _run(words) == 0)


def _pytest(*words: str) -> Tally:
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.xml"
        code = _run(("-m", "pytest", *words, f"--junitxml={results}", "-o", "junit_family=xunit1"))
        return of_junit(results, code)


def _run(words: Sequence[str]) -> int:
    return subprocess.run([sys.executable, *words], cwd=ROOT, stdout=sys.stderr, check=False).returncode
