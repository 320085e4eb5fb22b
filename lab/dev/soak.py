"""How often a right tracer is rejected and a wrong one accepted, over many traffic runs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import platformdirs

from grader.verdict import Outcome
from lab.checkout import ROOT
from lab.dev.matrix import Row
from lab.failures import APP

HOGS = 2
CONFIDENCE = 0.95


@dataclass(frozen=True)
class SoakRun:
    """One traffic run with a seed of its own, however many tracers shared it."""

    commit: str
    exercise: str
    stress: bool
    wrong_rejects: tuple[str, ...]
    """Right tracers that did not pass."""
    wrong_accepts: tuple[str, ...]
    """Wrong tracers that passed."""
    unknown: tuple[str, ...] = ()
    """Tracers of which the lab could not tell."""


def soak_run(commit: str, exercise: str, stress: bool, rows: Sequence[Row]) -> SoakRun:
    """What the rows of one run come to."""
    right = [row for row in rows if row.expected == Outcome.PASS]
    wrong = [row for row in rows if row.expected != Outcome.PASS]
    return SoakRun(
        commit,
        exercise,
        stress,
        tuple(row.title for row in right if row.came.startswith(Outcome.FAIL)),
        tuple(row.title for row in wrong if row.came == Outcome.PASS),
        tuple(row.title for row in rows if row.came.startswith(Outcome.ERROR)),
    )


def bound(events: int, runs: int) -> float:
    """Upper end of the one-sided 95% interval of a rate (the exact binomial one)."""
    if not runs or events >= runs:
        return 1.0
    low, high = events / runs, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(events, runs, middle) > 1 - CONFIDENCE else (low, middle)
    return high


def _at_most(events: int, runs: int, rate: float) -> float:
    """Probability of at most `events` in `runs` when each happens with `rate`."""
    term = (1 - rate) ** runs
    total = term
    for count in range(events):
        term *= (runs - count) / (count + 1) * rate / (1 - rate)
        total += term
    return total


def summary(runs: Sequence[SoakRun]) -> list[str]:
    """A line for each exercise and load: runs, wrong rejects, wrong accepts, with their bounds."""
    lines = []
    for exercise, stress in sorted({(run.exercise, run.stress) for run in runs}):
        some = [run for run in runs if (run.exercise, run.stress) == (exercise, stress)]
        rejects = sum(bool(run.wrong_rejects) for run in some)
        accepts = sum(bool(run.wrong_accepts) for run in some)
        unknown = sum(bool(run.unknown) for run in some)
        lines.append(
            f"{exercise}{' with CPU hogs' if stress else ''}: {len(some)} runs; "
            f"right tracer rejected in {rejects} (95%: under {bound(rejects, len(some)):.1%}), "
            f"wrong tracer accepted in {accepts} (95%: under {bound(accepts, len(some)):.1%}), "
            f"could not tell in {unknown}"
        )
    return lines


def campaign(commit: str) -> Path:
    """Where the runs of this commit are kept, a JSON line each."""
    return platformdirs.user_state_path(APP) / "soak" / f"{commit}.jsonl"


def load_runs(path: Path) -> list[SoakRun]:
    """Runs of earlier calls; a line that was cut off is left out."""
    runs = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        try:
            fields = json.loads(line)
            runs.append(SoakRun(**{name: _frozen(value) for name, value in fields.items()}))
        except (ValueError, TypeError):
            continue
    return runs


def add_run(path: Path, run: SoakRun) -> None:
    """Append one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(run)) + "\n")


def current_commit() -> str:
    """The checkout's commit, with a mark when files differ from it."""
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=12"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or "unknown"


@contextmanager
def hogs(count: int) -> Iterator[None]:
    """So many processes that only compute, gone again afterwards."""
    with ExitStack() as stack:
        for _ in range(count):
            process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
            stack.callback(process.wait)
            stack.callback(process.kill)
        yield


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
