"""The stages of `lab dev test` that are programs of their own: ruff, mypy and pytest."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from lab.checkout import ROOT
from lab.dev.tally import Tally, of_junit, one
from lab.system_packages import need_browser
from lab.terminal import stage

FOLDERS = ("grader", "vm", "workloads", "lab", "tests")
"""What is type-checked; exercise folders have names that cannot be modules."""

PROGRAMS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ruff check", ("-m", "ruff", "check", ".", "bin/lab")),
    ("ruff format", ("-m", "ruff", "format", "--check", ".", "bin/lab")),
    ("mypy", ("-m", "mypy", *FOLDERS)),
)


def static_stages() -> Tally:
    """Lint, format and types. Their talk goes to standard error."""
    total = Tally()
    for name, words in PROGRAMS:
        with stage(name):
            total += one(name, _run(words) == 0)
    return total


def unit_tests() -> Tally:
    """Everything that needs no lab host."""
    with stage("pytest"):
        return _pytest("-q")


def browser_tests() -> Tally:
    """The site in Chromium; brings it where it is missing."""
    with stage("pytest, in the browser"):
        need_browser()
        return _pytest("-q", "-m", "browser")


def host_tests() -> Tally:
    """Tests marked lab_host; they open the lab host themselves."""
    with stage("pytest, on the lab host"):
        return _pytest("-q", "-m", "lab_host")


def _pytest(*words: str) -> Tally:
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.xml"
        code = _run(("-m", "pytest", *words, f"--junitxml={results}", "-o", "junit_family=xunit1"))
        return of_junit(results, code)


def _run(words: Sequence[str]) -> int:
    return subprocess.run([sys.executable, *words], cwd=ROOT, stdout=sys.stderr, check=False).returncode
