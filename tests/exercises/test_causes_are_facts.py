"""A cause is said only where the facts exclude its rivals; else all that fit are said."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from grader.judge import judge
from grader.observation import MapFacts, Observation
from grader.verdict import Finding, Outcome
from tests.exercises.conditions import of_02, of_04, of_05, of_10
from tests.exercises.conditions.condition import printing
from tests.exercises.frames_of_10 import PROTOCOLS, count
from tests.exercises.simulated import exercise


def failure(seen: Observation) -> Finding:
    """The first check that fails."""
    return next(one for one in judge(exercise(seen.exercise), seen).checks if one.outcome is Outcome.FAIL)


def with_maps(seen: Observation, *maps: MapFacts) -> Observation:
    """The same tracer with other maps."""
    return dataclasses.replace(seen, kernel=dataclasses.replace(seen.kernel, maps=maps))


# --- exercise 2 ---

CALLERS = of_02.planned(3)
COUNTS = of_02.right(CALLERS)


def counted(counts: dict[str, int]) -> Observation:
    """The run through a tracer that counted these."""
    return printing({"counts": counts}, CALLERS)


def test_calls_that_are_sent_to_python_are_lost_on_the_way_and_not_by_two_cpus() -> None:
    low = counted({**COUNTS, "canary": COUNTS["canary"] - 1})
    found = failure(with_maps(low, MapFacts(3, "events", "perf_event_array", 128)))
    assert found.cause == "events_lost"
    assert "atomic_increment" not in found.hint


def test_names_that_python_printed_as_bytes_are_told_so() -> None:
    found = failure(counted({f"b'{name}'": number for name, number in COUNTS.items()}))
    assert found.cause == "names_as_bytes"
    assert "decode" in found.hint


def test_names_with_something_around_them_are_not_of_another_run() -> None:
    found = failure(counted({f"{name}-41": number for name, number in COUNTS.items()}))
    assert found.cause == "names_changed"
    assert "tracer.py" in found.hint


def test_unknown_names_may_be_of_another_run_or_made_in_python() -> None:
    found = failure(counted({"coral-hare": 36, "lilac-wolf": 43}))
    assert found.cause == "callers_unknown"
    assert "this run" in found.message + found.hint and "tracer.py changes" in found.hint


def test_callers_that_all_have_one_call_were_set_and_not_added_to() -> None:
    found = failure(counted(dict.fromkeys(COUNTS, 1)))
    assert found.cause == "set_to_one"
    assert "tracer.bpf.c" in found.hint and "tracer.py" in found.hint


# --- exercise 4 ---

WAITS = of_04.recorded()


def test_the_newest_events_alone_are_no_small_buffer() -> None:
    document = of_04.document(WAITS)
    last = sorted(document["events"], key=lambda one: one["ts_ns"] + one["duration_ns"])[-300:]
    found = failure(printing({**document, "events": last}, WAITS))
    assert found.cause == "only_newest_events"
    assert "300" in found.hint and "limited length" in found.hint


def test_a_return_value_that_only_tells_success_is_not_unsigned() -> None:
    document = of_04.document(WAITS)
    events = [{**event, "ret": int(event["ret"] > 0)} for event in document["events"]]
    found = failure(printing({**document, "events": events}, WAITS))
    assert found.cause == "ret_wrong"
    assert "unsigned" not in found.hint


# --- exercise 5 ---

STREAMS = of_05.recorded()


def streams(**numbers: int) -> Observation:
    """The run through a tracer with these numbers instead of the right ones."""
    return printing(of_05.document(STREAMS) | numbers, STREAMS)


def test_a_limit_of_calls_is_told_with_its_number_and_nobody_is_told_that_the_programs_are_right() -> None:
    calls = [len(one.calls) for one in of_05.lives(STREAMS)]
    found = failure(streams(calls=sum(min(number, 4) for number in calls)))
    assert found.cause == "later_calls_not_counted"
    assert "more than 4 calls" in found.hint and "tracer.bpf.c" in found.hint


def test_wrong_sums_say_what_the_events_prove_and_no_more() -> None:
    found = failure(streams(completed=7))
    assert found.cause == "sums_wrong"
    assert "your programs are right" not in found.hint and "find their streams" in found.hint


def test_streams_that_are_kept_for_each_cpu_are_told_beside_a_wrong_key() -> None:
    document = of_05.document(STREAMS)
    half = {"completed": document["completed"] // 2, "cancelled": 1, "calls": document["calls"] // 2}
    seen = printing(document | half | {"events": document["events"][::2]}, STREAMS)
    found = failure(with_maps(seen, MapFacts(3, "streams", "percpu_hash", 10_240, 12)))
    assert found.cause == "kept_per_cpu"
    assert "streams" in found.hint and "more than one mistake" in found.hint
    assert failure(with_maps(seen, MapFacts(3, "streams", "hash", 10_240, 12))).cause == "wrong_key"


# --- exercise 10 ---

FRAMES = of_10.sent(1, 2)[0]
TABLES: dict[str, Any] = count(of_10.sent(1, 2)[1])


def test_right_numbers_under_other_names_are_a_matter_of_order() -> None:
    order = ["udp", "tcp", "icmp", "ipv6", "arp", "other"]
    turned = {
        unit: dict(zip(order, (table[name] for name in PROTOCOLS), strict=True))
        for unit, table in TABLES.items()
    }
    found = failure(printing(turned, FRAMES))
    assert (found.name, found.cause) == ("packets_by_protocol", "names_permuted")
    assert "tracer.py" in found.hint and "tracer.bpf.c" in found.hint


def test_bytes_in_the_place_of_packets_are_told() -> None:
    found = failure(printing({"packets": TABLES["bytes"], "bytes": TABLES["packets"]}, FRAMES))
    assert (found.name, found.cause) == ("packets_by_protocol", "units_swapped")
    assert "tracer.py" in found.hint


# --- durations of exercises 4 and 5 ---


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
    document = of_05.document(STREAMS)
    events = [
        {**event, "latency_ns": change(number, event["latency_ns"])}
        for number, event in enumerate(document["events"], 5)
    ]
    found = failure(printing({**document, "events": events}, STREAMS))
    assert (found.name, found.cause) == ("latency_per_plateau", cause)


def test_durations_of_given_up_streams_alone_are_told_so() -> None:
    for reading in ("to the last", "none where it was given up"):
        (condition,) = (one for one in of_05.STATED.conditions if reading in one.readings)
        found = failure(condition.readings[reading](STREAMS))
        assert found.cause == "given_up_otherwise"
        assert "third call" in found.hint


def test_latencies_that_begin_at_the_first_call_are_told_so() -> None:
    found = failure(of_05.latency(lambda one: one.calls[2].at_ns - one.calls[0].at_ns)(STREAMS))
    assert (found.name, found.cause) == ("latency_per_plateau", "from_first_call")
