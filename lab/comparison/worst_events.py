"""The events whose duration is furthest off, with what was planted: where in the run, and by how much."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from grader.truth.durations import Pair, Planted
from lab.comparison.duration_pairs import Pairs

WORST = 8


@dataclass(frozen=True)
class WorstEvent:
    """One event of the time line."""

    name: str
    """What the duration is of: a system call's name, or the exercise's own word."""
    pair: Pair
    at_ns: int
    """When it began, counted from READY."""
    planted: Planted | None
    """What the traffic asked for; None where nobody planted this one, or it cannot be told which it was."""


def worst_events(pairs: Pairs, planted: Iterable[Planted], ready_ns: int) -> tuple[WorstEvent, ...]:
    """At most `WORST` of them, in the order of time.

    Those that are too far off come first, and of them those that were planted; then those that are only a
    little off: a right tracer has some too.
    """
    by_entry = {(one.tid, one.entry_ns): one for one in planted}
    # What was reported as the recorder has it is not off at all.
    off = [(name, pair) for name, some in pairs.items() for pair in some if _distance_ns(pair)]
    events = [
        WorstEvent(name, pair, pair.entry_ns - ready_ns, by_entry.get((pair.tid, pair.entry_ns)))
        for name, pair in off
    ]
    return tuple(sorted(sorted(events, key=_rank)[:WORST], key=lambda one: one.at_ns))


def _rank(one: WorstEvent) -> tuple[bool, bool, int, int]:
    pair = one.pair
    return not pair.bad, one.planted is None, -pair.error_ns, -_distance_ns(pair)


def _distance_ns(pair: Pair) -> int:
    return abs((pair.reported_ns or 0) - pair.planted_ns)
