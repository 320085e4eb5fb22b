"""Mistakes in exercise 4's events, made of the recorded run's report, and what the verdict calls them."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from grader.checks.events import LEAST_LONG, LONG_NS, at_the_entry
from grader.checks.reported_events import Reported, match
from grader.verdict import Outcome
from tests.exercises.simulated import MS

from .recorded_run import EVENTS_OF, RIGHT, RUN, SYSCALLS, Event, changed, end_of, failure, findings, kept

LATEST_POLL_NS = 500 * MS


@pytest.mark.parametrize(
    ("keep", "cause"),
    [
        (lambda event: event["ret"] > 0, "events_only_with_data"),
        (lambda event: event["ret"] >= 0, "events_without_errors"),
    ],
)
def test_events_that_hang_on_the_return_value_are_not_lost(keep: Callable[[Event], bool], cause: str) -> None:
    found = failure(kept(keep))
    assert (found.name, found.cause) == ("events_match_calls", cause)
    assert "TODO 3" in found.hint and "size of the buffer" not in found.hint
    # One more is missing, so something else loses events.
    more = kept(keep)
    del more["events"][500]
    assert failure(more).cause == "events_lost"


def test_some_events_of_calls_without_data_are_missing_by_loss() -> None:
    ends = [number for number, event in enumerate(RIGHT["events"]) if event["ret"] <= 0]
    gone = set(ends[::2])
    some = [event for number, event in enumerate(RIGHT["events"]) if number not in gone]
    assert failure({**RIGHT, "events": some}).cause == "events_lost"


@pytest.mark.parametrize(
    "change",
    [
        lambda event: {"pid": event["tid"], "tid": event["pid"]},
        lambda event: {"tid": event["pid"]},
    ],
    ids=["swapped", "upper half for both"],
)
def test_a_thread_that_made_no_such_call_is_named(change: Callable[[Event], Event]) -> None:
    found = failure(changed(change))
    assert (found.name, found.cause) == ("events_match_calls", "tid_wrong")
    assert "`tid`" in found.hint


def test_threads_of_another_process_are_no_wrong_half() -> None:
    found = failure(changed(lambda event: {"tid": 4_000_000, "pid": 4_000_000}))
    assert (found.name, found.cause) == ("events_match_calls", "stale_start")


@pytest.mark.parametrize(("field", "value"), [("fd", 0), ("tid", 0), ("ts_ns", 0), ("comm", "")])
def test_a_field_that_is_never_filled_is_named(field: str, value: Any) -> None:
    found = failure(changed(lambda event: {field: value}))
    assert (found.name, found.cause) == ("events_match_calls", "field_never_set")
    assert field in found.message and "TODO 3" in found.hint


@pytest.mark.parametrize("late_ns", [0, 2 * MS])
def test_the_time_of_the_return_is_named(late_ns: int) -> None:
    found = failure(changed(lambda event: {"ts_ns": end_of(event) - min(late_ns, event["duration_ns"] // 2)}))
    assert (found.name, found.cause) == ("events_match_calls", "ts_of_the_return")


def test_a_thread_that_lost_its_cpu_at_the_entry_is_no_mistake() -> None:
    def slow(event: Event) -> Event:
        return {"ts_ns": event["ts_ns"] + min(18 * MS, event["duration_ns"] // 2)}

    assert findings(changed(slow))["events_match_calls"].outcome is Outcome.PASS
    # In two of five long calls the tracer's program even ran only at their end.
    long = [event["ts_ns"] for event in RIGHT["events"] if event["duration_ns"] > LONG_NS]
    chosen = {*long[::5], *long[1::5]}
    unlucky = changed(lambda event: {"ts_ns": end_of(event)} if event["ts_ns"] in chosen else {})
    assert findings(unlucky)["events_match_calls"].outcome is Outcome.PASS


def test_a_few_long_calls_decide_nothing() -> None:
    matched = match(RUN, EVENTS_OF(RUN), SYSCALLS)
    ended = [
        (dataclasses.replace(event, ts_ns=call.exit_ns), call)
        for event, call in matched.pairs
        if call.duration_ns >= LONG_NS
    ]
    assert at_the_entry(dataclasses.replace(matched, pairs=ended[: LEAST_LONG - 1])) is None
    assert at_the_entry(dataclasses.replace(matched, pairs=ended[:LEAST_LONG])) is not None


def polled(event: Event) -> Event:
    """The time at which tracer.py read the buffer."""
    return {"ts_ns": (end_of(event) // LATEST_POLL_NS + 1) * LATEST_POLL_NS}


@pytest.mark.parametrize("change", [polled, lambda event: {"ts_ns": end_of(event) + 3 * MS}])
def test_times_behind_the_calls_are_named(change: Callable[[Event], Event]) -> None:
    found = failure(changed(change))
    assert (found.name, found.cause) == ("events_match_calls", "ts_after_the_call")


def test_times_of_the_call_before_are_still_an_old_start() -> None:
    last: dict[int, int] = {}

    def old(event: Event) -> Event:
        before, last[event["tid"]] = last.get(event["tid"], event["ts_ns"]), event["ts_ns"]
        return {"ts_ns": before}

    found = failure(changed(old))
    assert (found.name, found.cause) == ("events_match_calls", "stale_start")


def test_an_old_start_of_another_call_is_no_other_thread() -> None:
    # Some thread of the server waits in epoll_wait at any time.
    before: dict[int, Event] = {}

    def old(event: Event) -> Event:
        earlier, before[event["tid"]] = before.get(event["tid"], event), event
        return {"ts_ns": earlier["ts_ns"]} if event["syscall"] == "epoll_wait" else {}

    found = failure(changed(old))
    assert (found.name, found.cause) == ("events_match_calls", "stale_start")


def test_a_wrong_thread_at_a_time_when_its_process_made_no_such_call_is_not_told_by_the_tid() -> None:
    first = RIGHT["events"][0]["ts_ns"]
    found = failure(changed(lambda event: {"tid": event["pid"], "ts_ns": first}))
    assert (found.name, found.cause) == ("events_match_calls", "stale_start")


def test_the_recorded_run_has_an_event_of_each_kind_these_tests_need() -> None:
    events: list[Reported] = EVENTS_OF(RUN)
    assert {event.syscall for event in events} == set(SYSCALLS)
    kinds = Counter((event.ret > 0) - (event.ret < 0) for event in events)
    assert min(kinds[kind] for kind in (-1, 0, 1)) > 10
