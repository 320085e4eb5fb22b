"""What a tracer reported beside what was really sent and recorded, for `run` and `show`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader import truth
from grader.durations import Event, Pair, pair_events
from grader.exercise import Exercise
from grader.observation import BadReport, Observation
from grader.report_fields import Fields, ReportProblem, flat_numbers
from lab.distribution import Distribution, distribution

MOST_EVENTS = 200_000
WORST = 8


@dataclass(frozen=True)
class Row:
    """One number: what the tracer said and what was really so; None where one side says nothing."""

    name: str
    reported: float | None
    sent: float | None

    @property
    def agrees(self) -> bool:
        """Whether both are there and equal."""
        return self.reported is not None and self.reported == self.sent


@dataclass(frozen=True)
class WorstEvent:
    """One of the events whose duration is furthest off."""

    syscall: str
    pair: Pair


@dataclass(frozen=True)
class Comparison:
    """Everything a page or a table shows of one observation."""

    rows: tuple[Row, ...]
    distributions: tuple[Distribution, ...]
    worst: tuple[WorstEvent, ...]


def compare(exercise: Exercise, seen: Observation) -> Comparison:
    """Numbers, distributions and worst events of one observation; empty parts where nothing was reported."""
    document = {} if isinstance(seen.report, BadReport) else seen.report.document
    sent = dict(exercise.summary(seen)) if exercise.summary else {}
    pairs = exercise_pairs(exercise, seen) if exercise.pairs else call_pairs(document, seen)
    # What lies between the two recorders' durations is not off at all.
    off = (WorstEvent(name, pair) for name, some in pairs.items() for pair in some if pair.error_ns)
    worst = sorted(off, key=lambda one: -one.pair.error_ns)
    return Comparison(
        rows(document, sent),
        tuple(distribution(name, some) for name, some in pairs.items() if some),
        tuple(worst[:WORST]),
    )


def exercise_pairs(exercise: Exercise, seen: Observation) -> Mapping[str, Sequence[Pair]]:
    """What the exercise itself pairs; nothing where the report cannot be read."""
    try:
        return exercise.pairs(seen) if exercise.pairs else {}
    except ReportProblem:
        return {}


def call_pairs(document: Mapping[str, object], seen: Observation) -> Mapping[str, Sequence[Pair]]:
    """The recorded calls of each system call that the tracer has events of."""
    events = reported_events(document)
    other_ns = truth.reconcile(seen).other_ns()
    return {
        name: pair_events(
            [event for event in events if event.syscall == name],
            truth.calls(seen, name).inside,
            slack=0.0,
            other_ns=other_ns,
        )
        for name in sorted({event.syscall for event in events})
    }


def rows(document: Mapping[str, object], sent: Mapping[str, float]) -> tuple[Row, ...]:
    """Numbers that both sides know first, then what only the truth knows, then the tracer's own."""
    reported = flat_numbers(document)
    names = [*(name for name in sent if name in reported), *(name for name in sent if name not in reported)]
    own = [name for name in reported if name not in sent]
    return tuple(Row(name, reported.get(name), sent.get(name)) for name in [*names, *own])


def reported_events(document: Mapping[str, object]) -> Sequence[Event]:
    """The report's `events` as far as they can be read; the checks say what is wrong with the others."""
    events = []
    try:
        for item in Fields(document).items("events", MOST_EVENTS):
            try:
                entry_ns, duration_ns = item.integer("ts_ns"), item.integer("duration_ns")
                events.append(Event(item.integer("tid"), item.text("syscall"), entry_ns, duration_ns))
            except ReportProblem:
                continue
    except ReportProblem:
        return []
    return events
