"""What a campaign's runs come to: rates, with the bound that their number allows."""

from __future__ import annotations

from collections.abc import Sequence

from lab.dev.soak.runs import SoakRun

CONFIDENCE = 0.95


def bound(events: int, runs: int) -> float:
    """Upper end of the one-sided 95% interval of a rate (the exact binomial one)."""
    if not runs or events >= runs:
        return 1.0
    low, high = events / runs, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(events, runs, middle) > 1 - CONFIDENCE else (low, middle)
    return high


def summary(runs: Sequence[SoakRun]) -> list[str]:
    """A line for each exercise and load, one for all together, then every wrong tracer with another cause."""
    kinds = sorted({(run.exercise, run.load) for run in runs})
    lines = [
        line(f"{exercise} {load}", [run for run in runs if (run.exercise, run.load) == (exercise, load)])
        for exercise, load in kinds
    ]
    if len(kinds) > 1:
        lines.append(line("all together", runs))
    return lines + [f"{run.exercise} {run.load}: {miss}" for run in runs for miss in run.wrong_causes]


def line(what: str, runs: Sequence[SoakRun]) -> str:
    """Runs, wrong rejects, wrong accepts, with their bounds, and how often the cause was the right one."""
    rejects = sum(bool(run.wrong_rejects) for run in runs)
    accepts = sum(bool(run.wrong_accepts) for run in runs)
    unknown = sum(bool(run.unknown) for run in runs)
    wrong = sum(run.wrong_tracers for run in runs)
    caught = wrong - sum(len(run.wrong_causes) for run in runs)
    return (
        f"{what}: {len(runs)} runs; "
        f"right tracer rejected in {rejects} (95%: under {bound(rejects, len(runs)):.1%}), "
        f"wrong tracer accepted in {accepts} (95%: under {bound(accepts, len(runs)):.1%}), "
        f"could not tell in {unknown}"
        + (f"; right cause for {caught} of {wrong} wrong tracers ({caught / wrong:.1%})" if wrong else "")
    )


def _at_most(events: int, runs: int, rate: float) -> float:
    """Probability of at most `events` in `runs` when each happens with `rate`."""
    term = (1 - rate) ** runs
    total = term
    for count in range(events):
        term *= (runs - count) / (count + 1) * rate / (1 - rate)
        total += term
    return total
