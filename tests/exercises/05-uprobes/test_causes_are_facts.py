"""Exercise 5: a cause is said only where the facts exclude its rivals; else all that fit are said."""

from __future__ import annotations

from typing import Any

import pytest

from grader.observation import MapFacts, Observation
from tests.exercises.condition import printing, with_maps
from tests.exercises.first_failure import first_failure

from . import conditions

STREAMS = conditions.recorded()


def streams(**numbers: int) -> Observation:
    """The run through a tracer with these numbers instead of the right ones."""
    return printing(conditions.document(STREAMS) | numbers, STREAMS)


def test_a_limit_of_calls_is_told_with_its_number_and_nobody_is_told_that_the_programs_are_right() -> None:
    calls = [len(one.calls) for one in conditions.lives(STREAMS)]
    found = first_failure(streams(calls=sum(min(number, 4) for number in calls)))
    assert found.cause == "later_calls_not_counted"
    assert "more than 4 calls" in found.hint and "tracer.bpf.c" in found.hint


def test_wrong_sums_say_what_the_events_prove_and_no_more() -> None:
    found = first_failure(streams(completed=7))
    assert found.cause == "sums_wrong"
    assert "your programs are right" not in found.hint and "find their streams" in found.hint


def test_streams_that_are_kept_for_each_cpu_are_told_beside_a_wrong_key() -> None:
    document = conditions.document(STREAMS)
    half = {"completed": document["completed"] // 2, "cancelled": 1, "calls": document["calls"] // 2}
    seen = printing(document | half | {"events": document["events"][::2]}, STREAMS)
    found = first_failure(with_maps(seen, MapFacts(3, "streams", "percpu_hash", 10_240, 12)))
    assert found.cause == "kept_per_cpu"
    assert "streams" in found.hint and "more than one mistake" in found.hint
    assert first_failure(with_maps(seen, MapFacts(3, "streams", "hash", 10_240, 12))).cause == "wrong_key"


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        (lambda number, ns: 0, "zero_durations"),
        (lambda number, ns: ns + 3_000_000, "longer_by_the_same"),
        (lambda number, ns: ns + number * 1_000_000, "too_long"),
        (lambda number, ns: ns // (2 + number % 5), "too_short"),
        (lambda number, ns: ns * 3 if number % 2 else ns // 3, "durations_mixed_up"),
    ],
)
def test_durations_that_are_off_are_told_what_they_have_in_common(change: Any, cause: str) -> None:
    document = conditions.document(STREAMS)
    events = [
        {**event, "latency_ns": change(number, event["latency_ns"])}
        for number, event in enumerate(document["events"], 5)
    ]
    found = first_failure(printing({**document, "events": events}, STREAMS))
    assert (found.name, found.cause) == ("latency_per_plateau", cause)


def test_durations_of_given_up_streams_alone_are_told_so() -> None:
    for reading in ("to the last", "none where it was given up"):
        found = first_failure(conditions.STATED.reading(reading)(STREAMS))
        assert found.cause == "given_up_otherwise"
        assert "third call" in found.hint


def test_latencies_that_begin_at_the_first_call_are_told_so() -> None:
    found = first_failure(conditions.latency(lambda one: one.calls[2].at_ns - one.calls[0].at_ns)(STREAMS))
    assert (found.name, found.cause) == ("latency_per_plateau", "from_first_call")
