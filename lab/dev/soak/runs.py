"""The runs of a soak campaign, and their record: a JSON line each, one file for each commit."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import platformdirs

from grader.verdict import Outcome
from lab.checkout import ROOT
from lab.dev.matrix import Row
from lab.failures import APP
from lab.git import git

USUAL_HOGS = 2
"""Beside all runs from before their number was noted."""
RECORDS = ROOT / "docs" / "soak"
"""Where the runs that count are kept with the sources."""


@dataclass(frozen=True)
class SoakRun:
    """One traffic run with a seed of its own, however many tracers shared it."""

    commit: str
    exercise: str
    stress: bool
    """With hogs beside it."""
    wrong_rejects: tuple[str, ...]
    """Right tracers that did not pass."""
    wrong_accepts: tuple[str, ...]
    """Wrong tracers that passed."""
    unknown: tuple[str, ...] = ()
    """Tracers of which the lab could not tell."""
    one_cpu: bool = False
    """On a lab host with one CPU."""
    wrong_tracers: int = 0
    """How many wrong tracers failed; 0 in records from before causes were noted."""
    wrong_causes: tuple[str, ...] = ()
    """Those of them that failed for another reason than the one they stand for, with both."""
    hogs: int = USUAL_HOGS
    """How many, where there were any."""
    heavy: bool = False
    """With a right tracer in it that takes long to load."""

    @property
    def load(self) -> str:
        """In words."""
        hogs = "with hogs" if self.hogs == USUAL_HOGS else f"with {self.hogs} hogs"
        words = [*[hogs] * self.stress, *["on one CPU"] * self.one_cpu] or ["without hogs"]
        return " ".join([*words, *["beside a heavy tracer"] * self.heavy])


def soak_run(
    commit: str,
    exercise: str,
    rows: Sequence[Row],
    *,
    hogs: int = 0,
    one_cpu: bool = False,
    heavy: bool = False,
) -> SoakRun:
    """What the rows of one run come to."""
    right = [row for row in rows if row.expected == Outcome.PASS]
    wrong = [row for row in rows if row.expected != Outcome.PASS]
    failed = [row for row in wrong if row.came.startswith(Outcome.FAIL)]
    return SoakRun(
        commit,
        exercise,
        hogs > 0,
        wrong_rejects=tuple(row.title for row in right if row.came.startswith(Outcome.FAIL)),
        wrong_accepts=tuple(row.title for row in wrong if row.came == Outcome.PASS),
        unknown=tuple(row.title for row in rows if row.came.startswith(Outcome.ERROR)),
        one_cpu=one_cpu,
        hogs=hogs or USUAL_HOGS,
        heavy=heavy,
        wrong_tracers=len(failed),
        wrong_causes=tuple(f"{row.title}: {row.trouble}" for row in failed if row.trouble),
    )


def path_of(commit: str) -> Path:
    """Where the runs of this commit are kept."""
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


def recorded(folder: Path = RECORDS) -> list[SoakRun]:
    """All runs that are kept with the sources."""
    return [run for path in sorted(folder.glob("*.jsonl")) for run in load_runs(path)]


def add_run(path: Path, run: SoakRun) -> None:
    """Append one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(run)) + "\n")


def current_commit() -> str:
    """The checkout's commit, with a mark when files differ from it."""
    return (git(ROOT, "describe", "--always", "--dirty", "--abbrev=12") or "").strip() or "unknown"


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
