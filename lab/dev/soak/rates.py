"""What a campaign's runs come to: rates, with the bound that their number allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lab.dev.soak.runs import SoakRun

CONFIDENCE = 0.95
ALL = "all together"


def bound(events: int, runs: int) -> float:
    """Upper end of the one-sided 95% interval of a rate (the exact binomial one)."""
    if not runs or events >= runs:
        return 1.0
    low, high = events / runs, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(events, runs, middle) > 1 - CONFIDENCE else (low, middle)
    return high


@dataclass(frozen=True)
class Rates:
    """What runs that belong together come to: in how many of them something was wrong."""

    exercise: str
    """Empty for all exercises."""
    load: str
    """In words; empty for all loads."""
    commits: tuple[str, ...]
    runs: int
    rejects: int
    """Runs in which a right tracer did not pass."""
    accepts: int
    """Runs in which a wrong tracer passed."""
    unknown: int
    """Runs in which the lab could not tell of a tracer."""
    wrong_tracers: int
    """How many failed in runs that noted the cause."""
    right_causes: int

    @property
    def rejects_under(self) -> float:
        """Upper end of the 95% interval of the rate at which a right tracer is rejected."""
        return bound(self.rejects, self.runs)

    @property
    def accepts_under(self) -> float:
        """Upper end of the 95% interval of the rate at which a wrong tracer is accepted."""
        return bound(self.accepts, self.runs)

    @property
    def what(self) -> str:
        """Which runs, in words."""
        return " ".join(filter(None, (self.exercise, self.load))) if self.exercise or self.load else ALL

    def sentence(self) -> str:
        """Runs, wrong rejects, wrong accepts, with their bounds, and how often the cause was right."""
        caught, wrong = self.right_causes, self.wrong_tracers
        return (
            f"{self.what}: {self.runs} runs; "
            f"right tracer rejected in {self.rejects} (95%: under {self.rejects_under:.1%}), "
            f"wrong tracer accepted in {self.accepts} (95%: under {self.accepts_under:.1%}), "
            f"could not tell in {self.unknown}"
            + (f"; right cause for {caught} of {wrong} wrong tracers ({caught / wrong:.1%})" if wrong else "")
        )


def rates(runs: Sequence[SoakRun], exercise: str = "", load: str = "") -> Rates:
    """Of the runs of this exercise under this load; of all where none is named."""
    mine = [run for run in runs if exercise in ("", run.exercise) and load in ("", run.load)]
    wrong_tracers = sum(run.wrong_tracers for run in mine)
    return Rates(
        exercise,
        load,
        commits=tuple(sorted({run.commit for run in mine})),
        runs=len(mine),
        rejects=sum(bool(run.wrong_rejects) for run in mine),
        accepts=sum(bool(run.wrong_accepts) for run in mine),
        unknown=sum(bool(run.unknown) for run in mine),
        wrong_tracers=wrong_tracers,
        right_causes=wrong_tracers - sum(len(run.wrong_causes) for run in mine),
    )


def all_rates(runs: Sequence[SoakRun]) -> tuple[Rates, ...]:
    """Of each exercise under each load, then of all exercises under each load, then of all together."""
    each = sorted({(run.exercise, run.load) for run in runs})
    loads = [("", load) for load in sorted({run.load for run in runs})]
    kinds = [*each, *loads, ("", "")] if len(each) > 1 else each
    return tuple(rates(runs, exercise, load) for exercise, load in kinds)


def summary(runs: Sequence[SoakRun]) -> list[str]:
    """A line for each row of `all_rates`, then every wrong tracer with another cause."""
    lines = [one.sentence() for one in all_rates(runs)]
    return lines + [f"{run.exercise} {run.load}: {miss}" for run in runs for miss in run.wrong_causes]


def _at_most(events: int, runs: int, rate: float) -> float:
    """Probability of at most `events` in `runs` when each happens with `rate`."""
    term = (1 - rate) ** runs
    total = term
    for count in range(events):
        term *= (runs - count) / (count + 1) * rate / (1 - rate)
        total += term
    return total
