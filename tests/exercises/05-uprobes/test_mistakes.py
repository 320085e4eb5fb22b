"""Exercise 5, judged from a real run: each mistake fails the check made for it and is named."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from grader.checks.lifetimes import object_durations
from grader.checks.reported_objects import Told
from grader.judging.wording import worded
from grader.sentences import Sentence
from grader.truth.durations import Plateau
from grader.truth.lifetimes import FunctionArgument, Lifetime, lifetimes
from grader.verdict import Outcome
from tests.exercises.simulated import POINTS_SOMEWHERE, exercise

from .recorded_run import (
    COMPLETES,
    DONE,
    FUNCTIONS,
    GIVEN_UP,
    LIVES,
    MAKES,
    RIGHT,
    STREAMS,
    TARGETS,
    changed,
    first_failure,
    of_connection,
    seen,
    tracer,
    verdict,
)


def events(change: Callable[[dict[str, int]], dict[str, int]]) -> dict[str, Any]:
    """The right report with every event changed."""
    return {**RIGHT, "events": [{**event, **change(event)} for event in RIGHT["events"]]}


def starts_never_replaced() -> dict[str, Any]:
    """Right counts, and every stream begins when the first one of its address was made."""
    first: dict[int, int] = {}
    events = []
    for event in RIGHT["events"]:
        began = first.setdefault(event["stream"], event["ts_ns"])
        latency = event["latency_ns"] + event["ts_ns"] - began
        events.append({**event, "ts_ns": began, "latency_ns": latency})
    return {**RIGHT, "events": events}


def noted_at(change: Callable[[Lifetime], dict[str, int]]) -> dict[str, Any]:
    """The right report with every event changed by what the recorder knows of its stream."""
    events = {(event["stream"], event["ts_ns"]): event for event in RIGHT["events"]}
    mine = [{**events[one.address, one.made.at_ns], **change(one)} for one in LIVES]
    return {**RIGHT, "events": mine}


def completed_only() -> dict[str, Any]:
    """No event for those that were given up."""
    document = noted_at(lambda one: {"calls": len(one.calls)})
    return {**RIGHT, "events": [event for event in document["events"] if event["calls"] == 3]}


def given_up_only() -> dict[str, Any]:
    """No event for those that were completed."""
    document = noted_at(lambda one: {"calls": len(one.calls)})
    return {**RIGHT, "events": [event for event in document["events"] if event["calls"] > 3]}


MISTAKES: dict[str, tuple[dict[str, Any], str, str]] = {
    "no filter": (tracer(FUNCTIONS), "streams_counted", "no_filter"),
    "calls taken for streams": (changed(streams=RIGHT["calls"]), "streams_counted", "calls_as_streams"),
    "third call taken for an answer": (
        changed(completed=DONE + GIVEN_UP),
        "streams_counted",
        "cancelled_as_completed",
    ),
    "given up ones left out": (changed(streams=DONE, cancelled=0), "streams_counted", "cancelled_left_out"),
    "deleted at the third call": (
        changed(completed=STREAMS, cancelled=0, calls=3 * STREAMS),
        "streams_counted",
        "forgotten_at_the_third_call",
    ),
    "key of the connection": (tracer(TARGETS, of_connection), "streams_counted", "wrong_key"),
    "one key for all": (tracer(TARGETS, lambda _call: 0), "streams_counted", "wrong_key"),
    "key of the thread": (tracer(TARGETS, lambda call: call.tid), "streams_counted", "wrong_key"),
    "wrong argument": (
        tracer(TARGETS, lambda call: call.arguments[0]),
        "streams_counted",
        "stream_not_found",
    ),
    "never replaced": (tracer(TARGETS, replace=False), "streams_counted", "stale_streams"),
    "starts never replaced": (starts_never_replaced(), "events_match_streams", "stale_start"),
    "to the first call": (tracer(TARGETS, last=1), "latency_per_plateau", "first_call"),
    "to the second call": (tracer(TARGETS, last=2), "latency_per_plateau", "second_call"),
    "microseconds": (
        events(lambda event: {"latency_ns": event["latency_ns"] // 1000}),
        "latency_per_plateau",
        "wrong_unit",
    ),
    "a tenth too long": (
        events(lambda event: {"latency_ns": event["latency_ns"] * 11 // 10}),
        "latency_per_plateau",
        "constant_bias",
    ),
    "time of day": (
        events(lambda event: {"ts_ns": event["ts_ns"] + 10**18}),
        "events_match_streams",
        "wrong_clock",
    ),
    "connection's address": (
        events(lambda event: {"stream": event["stream"] + 8}),
        "events_match_streams",
        "wrong_key",
    ),
    "events twice": ({**RIGHT, "events": RIGHT["events"] * 2}, "events_match_streams", "events_twice"),
    "events of others": (
        {**RIGHT, "events": tracer(FUNCTIONS)["events"]},
        "events_match_streams",
        "events_of_others",
    ),
    "last events missing": (
        {**RIGHT, "events": RIGHT["events"][:-9]},
        "events_match_streams",
        "last_events_missing",
    ),
    "events lost": ({**RIGHT, "events": RIGHT["events"][::2]}, "events_match_streams", "events_lost"),
    "sums still open": (changed(completed=0, cancelled=0, calls=0), "streams_counted", "sums_wrong"),
    "streams added to the calls": (changed(calls=RIGHT["calls"] + STREAMS), "streams_counted", "sums_wrong"),
    "three calls for each stream": (changed(calls=3 * STREAMS), "streams_counted", "sums_wrong"),
    "given up ones not told": (changed(cancelled=0), "streams_counted", "sums_wrong"),
    "done and given up swapped": (
        changed(completed=GIVEN_UP, cancelled=DONE),
        "streams_counted",
        "sums_wrong",
    ),
    "every later call": (
        changed(cancelled=RIGHT["calls"] - 3 * STREAMS),
        "streams_counted",
        "later_calls_as_cancelled",
    ),
    "four calls and no more": (
        changed(cancelled=sum(len(one.calls) == 4 for one in LIVES)),
        "streams_counted",
        "four_calls_as_cancelled",
    ),
    "events of those given up only": (given_up_only(), "events_match_streams", "given_up_only"),
    "nothing kept": (
        {**changed(completed=0, cancelled=0, calls=0), "events": []},
        "streams_counted",
        "stream_not_found",
    ),
    "addresses": (
        changed(streams=len({one.address for one in LIVES})),
        "streams_counted",
        "addresses_counted",
    ),
    "streams not counted": (changed(streams=0), "streams_counted", "count_zero"),
    "time of the second call": (
        noted_at(lambda one: {"ts_ns": one.calls[1].at_ns}),
        "events_match_streams",
        "not_when_made",
    ),
    "time of the third call": (
        noted_at(lambda one: {"ts_ns": one.calls[2].at_ns}),
        "events_match_streams",
        "not_when_made",
    ),
    "time of the look": (
        noted_at(lambda one: {"ts_ns": -(-one.calls[2].at_ns // 500_000_000) * 500_000_000}),
        "events_match_streams",
        "not_when_made",
    ),
    "measured from the second call": (
        noted_at(lambda one: {"latency_ns": one.calls[2].at_ns - one.calls[1].at_ns}),
        "latency_per_plateau",
        "from_second_call",
    ),
    "no event": ({**RIGHT, "events": []}, "events_match_streams", "no_events"),
    "no event of those given up": (completed_only(), "events_match_streams", "given_up_left_out"),
    "one event for each address": (
        {**RIGHT, "events": list({event["stream"]: event for event in RIGHT["events"]}.values())},
        "events_match_streams",
        "one_for_each_address",
    ),
    "half of an address": (
        events(lambda event: {"stream": event["stream"] % 2**32}),
        "events_match_streams",
        "kept_in_32_bits",
    ),
    "numbers of an earlier run": (
        changed(streams=97, completed=84, cancelled=13, calls=304),
        "streams_counted",
        "count_too_low",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_fails_the_check_made_for_it_and_is_named(mistake: str) -> None:
    document, check, cause = MISTAKES[mistake]
    assert first_failure(document) == (check, cause)


def test_two_calls_of_a_stream_that_come_at_the_same_time_are_both_said() -> None:
    document = tracer(TARGETS, last=1)
    check = object_durations(
        lambda seen: [Told(one["stream"], one["ts_ns"], one["latency_ns"]) for one in document["events"]],
        lambda seen: lifetimes(seen, FunctionArgument(MAKES, 0), FunctionArgument(COMPLETES, 1)),
        3,
        (Plateau("all", 0, 2**62),),
        name="latency",
        title="right",
        others={"first_call": (0, 1), "second_call": (0, 1)},
    )
    words = {"first_call": Sentence(hint="the first"), "second_call": Sentence(hint="the second")}
    own = dataclasses.replace(exercise("05-uprobes"), words={"latency": words})
    found = worded(own, check, check.run(seen(document)))
    assert found.cause == "first_call"
    assert "the first; or the second" in found.hint


@pytest.mark.parametrize("mistake", MISTAKES)
def test_every_hint_says_where_to_look(mistake: str) -> None:
    told = next(one for one in verdict(MISTAKES[mistake][0]).checks if one.outcome is Outcome.FAIL)
    assert POINTS_SOMEWHERE.search(told.hint), told.hint
