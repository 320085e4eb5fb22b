"""The figures of the soak campaigns, from their records in `docs/soak/`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.dev.soak.rates import bound
from lab.dev.soak.runs import RECORDS, SoakRun, recorded


@dataclass(frozen=True)
class SoakRow:
    """All runs of one exercise under one load, or of all of them."""

    exercise: str
    """Empty for all exercises."""
    load: str
    """In words; empty for all loads."""
    commits: tuple[str, ...]
    runs: int
    rejects: int
    accepts: int
    unknown: int
    rejects_under: float
    """Upper end of the 95% interval of the rate at which a right tracer is rejected."""
    accepts_under: float
    wrong_tracers: int
    """How many failed in runs that noted the cause."""
    right_causes: int


def soak_rows(folder: Path = RECORDS) -> tuple[SoakRow, ...]:
    """A row for each exercise and load over all records, and one for all of them at the end."""
    runs = recorded(folder)
    kinds = sorted({(run.exercise, run.load) for run in runs})
    rows = [
        row(exercise, load, [run for run in runs if (run.exercise, run.load) == (exercise, load)])
        for exercise, load in kinds
    ]
    return (*rows, row("", "", runs)) if runs else ()


def row(exercise: str, load: str, runs: Sequence[SoakRun]) -> SoakRow:
    """One row of runs that belong together."""
    rejects = sum(bool(run.wrong_rejects) for run in runs)
    accepts = sum(bool(run.wrong_accepts) for run in runs)
    wrong_tracers = sum(run.wrong_tracers for run in runs)
    return SoakRow(
        exercise,
        load,
        tuple(sorted({run.commit for run in runs})),
        len(runs),
        rejects,
        accepts,
        sum(bool(run.unknown) for run in runs),
        bound(rejects, len(runs)),
        bound(accepts, len(runs)),
        wrong_tracers,
        wrong_tracers - sum(len(run.wrong_causes) for run in runs),
    )
