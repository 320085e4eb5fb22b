"""The figures of the last soak campaigns, from their records in `docs/soak/`."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.checkout import ROOT
from lab.dev.soak import SoakRun, bound, load_runs

RECORDS = ROOT / "docs" / "soak"


@dataclass(frozen=True)
class SoakRow:
    """All runs of one exercise under one load, at one commit."""

    exercise: str
    stress: bool
    commit: str
    runs: int
    rejects: int
    accepts: int
    unknown: int
    rejects_under: float
    """Upper end of the 95% interval of the rate at which a right tracer is rejected."""
    accepts_under: float


def soak_rows(folder: Path = RECORDS) -> tuple[SoakRow, ...]:
    """For each exercise and load the campaign of the newest commit that has one."""
    newest: dict[tuple[str, bool], SoakRow] = {}
    for path in sorted(folder.glob("*.jsonl"), key=age):
        runs = load_runs(path)
        for key in sorted({(run.exercise, run.stress) for run in runs}):
            newest[key] = row([run for run in runs if (run.exercise, run.stress) == key])
    return tuple(newest[key] for key in sorted(newest))


def row(runs: Sequence[SoakRun]) -> SoakRow:
    """One row of runs that belong together."""
    rejects = sum(bool(run.wrong_rejects) for run in runs)
    accepts = sum(bool(run.wrong_accepts) for run in runs)
    first = runs[0]
    return SoakRow(
        first.exercise,
        first.stress,
        first.commit,
        len(runs),
        rejects,
        accepts,
        sum(bool(run.unknown) for run in runs),
        bound(rejects, len(runs)),
        bound(accepts, len(runs)),
    )


def age(path: Path) -> tuple[int, str]:
    """When the record's commit was made, seconds since 1970; 0 outside a git checkout."""
    commit = path.stem.split("-")[0]
    try:
        done = subprocess.run(
            ["git", "show", "-s", "--format=%ct", commit],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:  # no git: a copy of the files builds the site too
        return 0, path.name
    told = done.stdout.strip()
    return (int(told) if told.isdecimal() else 0, path.name)
