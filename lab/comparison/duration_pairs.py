"""Each recorded duration with the one that the tracer reported of it, as far as its report can be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.exercise import Exercise
from grader.observation import BadReport, Observation
from grader.report.fields import Fields, ReportProblem
from grader.truth import calls as truth
from grader.truth.durations import Event, Pair, pair_events, slack_ns

MOST_EVENTS = 200_000

Pairs = Mapping[str, Sequence[Pair]]
"""By what the durations are of: a system call's name, or the exercise's own word."""


def pairs_of(exercise: Exercise, seen: Observation) -> Pairs:
    """The exercise's own pairs where it has some; else the recorded system calls that the events name."""
    if exercise.pairs is None:
        return call_pairs(seen, exercise.graded)
    try:
        return exercise.pairs(seen)
    except ReportProblem:
        return {}


def graded_pairs(exercise: Exercise, pairs: Pairs) -> Pairs:
    """Only those that decide; all of them in an exercise that says nothing of that."""
    if not exercise.graded:
        return pairs
    return {
        name: [one for one in pairs.get(name, ()) if any(each.holds(one.planted_ns) for each in plateaus)]
        for name, plateaus in exercise.graded.items()
    }


def call_pairs(seen: Observation, graded: Mapping[str, object]) -> Pairs:
    """The recorded calls of each system call that is graded, or that the tracer has events of."""
    events = reported_events(seen)
    both = truth.reconcile(seen)
    other_ns = both.other_ns()
    return {
        name: pair_events(
            [event for event in events if event.syscall == name],
            truth.calls(seen, name).inside,
            slack_ns(both.noise_ns(name)),
            other_ns,
        )
        for name in sorted({event.syscall for event in events} | set(graded))
    }


def reported_events(seen: Observation) -> Sequence[Event]:
    """The report's `events` as far as they can be read; the checks say what is wrong with the others."""
    events = []
    try:
        report = Fields({} if isinstance(seen.report, BadReport) else seen.report.document)
        for item in report.items("events", MOST_EVENTS):
            try:
                entry_ns, duration_ns = item.integer("ts_ns"), item.integer("duration_ns")
                events.append(Event(item.integer("tid"), item.text("syscall"), entry_ns, duration_ns))
            except ReportProblem:
                continue
    except ReportProblem:
        return []
    return events
