"""What a tracer reported beside what was really sent and recorded, for `run` and `show`. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.exercise import Exercise, Expected
from grader.observation import BadReport, Observation
from grader.report.fields import flat_numbers
from grader.truth.calls import FOREVER, window
from grader.truth.counts import Count, words
from lab.comparison.distribution import Distribution, distribution
from lab.comparison.duration_pairs import graded_pairs, pairs_of
from lab.comparison.probe_costs import CostTable, cost_table
from lab.comparison.worst_events import WorstEvent, worst_events


@dataclass(frozen=True)
class Row:
    """One number: what the tracer said and what was really so; None where one side says nothing."""

    name: str
    reported: float | None
    sent: float | None
    edge: float = 0
    """Up to so many more are right too."""

    @classmethod
    def beside(cls, name: str, reported: float | None, right: float | Count | None) -> Row:
        """The row of a number and its right answer."""
        if isinstance(right, Count):
            return cls(name, reported, right.inside, right.edge)
        return cls(name, reported, right)

    @property
    def agrees(self) -> bool:
        """Whether both are there, and the reported one is right."""
        if self.reported is None or self.sent is None:
            return False
        return self.sent <= self.reported <= self.sent + self.edge

    @property
    def mark(self) -> str:
        """How it stands, in words; empty where nothing is known to compare with."""
        if self.sent is None or self.agrees:
            return "right" if self.agrees else ""
        if self.reported is None:
            return "not reported"
        if not (math.isfinite(self.reported) and float(self.reported).is_integer()):
            return "differs"
        told = words(int(self.reported), Count(int(self.sent), int(self.edge)))
        return told.partition(":")[0] or "differs"


@dataclass(frozen=True)
class Comparison:
    """Everything a page or a terminal shows of one observation; parts are empty where there is nothing."""

    rows: tuple[Row, ...]
    distributions: tuple[Distribution, ...]
    """The graded ones first."""
    worst: tuple[WorstEvent, ...]
    """In the order of time."""
    run_ns: int
    """From READY to SIGINT: the length of the time line."""
    costs: CostTable


def compare(exercise: Exercise, seen: Observation, reference: Observation | None = None) -> Comparison:
    """Numbers, distributions, worst events and cost of one observation.

    `reference`: a run of the solution, for its cost.
    """
    pairs = pairs_of(exercise, seen)
    names = sorted(filter(pairs.get, pairs), key=lambda name: (name not in exercise.graded, name))
    ready_ns, sigint_ns = window(seen)
    planted = exercise.planted_durations(seen) if exercise.planted_durations else ()
    worst = worst_events(graded_pairs(exercise, pairs), planted, ready_ns)
    last_ns = max((one.at_ns + one.pair.planted_ns for one in worst), default=0)
    return Comparison(
        rows(exercise, seen),
        tuple(
            distribution(name, pairs[name], exercise.graded.get(name, ())) for name in names if pairs[name]
        ),
        worst,
        last_ns if sigint_ns == FOREVER else sigint_ns - ready_ns,
        cost_table(seen, reference),
    )


def rows(exercise: Exercise, seen: Observation) -> tuple[Row, ...]:
    """Numbers that both sides know first, then what only the truth knows, then the tracer's own."""
    reported: Mapping[str, float] = {}
    if not isinstance(seen.report, BadReport):
        reported = flat_numbers(seen.report.document)
    sent: Expected = exercise.summary(seen) if exercise.summary else {}
    both: Sequence[str] = [name for name in sent if name in reported]
    names = [*both, *(name for name in sent if name not in reported)]
    own = [name for name in reported if name not in sent]
    return tuple(Row.beside(name, reported.get(name), sent.get(name)) for name in [*names, *own])
