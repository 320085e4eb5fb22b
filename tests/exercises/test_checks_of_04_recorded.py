"""Exercise 4: mistakes of its TODOs, made of the recorded run's report, and what the verdict calls them."""

from __future__ import annotations

import copy
import dataclasses
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from grader.checks.events import LEAST_LONG, LONG_NS, at_the_entry
from grader.checks.reported_events import Reported, match
from grader.judge import judge
from grader.observation import KernelFacts, MapFacts, Report
from grader.verdict import Finding, Outcome
from tests.exercises.recorded_runs import recorded
from tests.exercises.simulated import MS, exercise

RUN = recorded("04-kprobes")
FOUR = exercise("04-kprobes")
EVENTS_OF = sys.modules["exercise_04_kprobes.checks"].events_of
SYSCALLS = ("readv", "writev", "recvfrom", "sendto", "epoll_wait")
Event = dict[str, Any]
Rows = dict[str, dict[str, int]]
LATEST_POLL_NS = 500 * MS


def right() -> dict[str, Any]:
    """What the solution printed, but for what it says of lost events: no attendee has to say that."""
    assert isinstance(RUN.report, Report)
    document = copy.deepcopy(dict(RUN.report.document))
    del document["lost"]
    return document


RIGHT = right()


def findings(document: dict[str, Any], kernel: KernelFacts = RUN.kernel) -> dict[str, Finding]:
    """Every check's finding on the recorded run, had its tracer printed this."""
    told = judge(FOUR, dataclasses.replace(RUN, report=Report(document, bytes=9), kernel=kernel))
    return {one.name: one for one in told.checks}


def failure(document: dict[str, Any], kernel: KernelFacts = RUN.kernel) -> Finding:
    """The first check that fails."""
    return next(one for one in findings(document, kernel).values() if one.outcome is Outcome.FAIL)


def changed(change: Callable[[Event], Event]) -> dict[str, Any]:
    """The right report with fields of each event computed anew."""
    return {**RIGHT, "events": [{**event, **change(event)} for event in RIGHT["events"]]}


def kept(keep: Callable[[Event], bool]) -> dict[str, Any]:
    """The right report with some of its events."""
    return {**RIGHT, "events": [event for event in RIGHT["events"] if keep(event)]}


def counted(change: Callable[[Rows], object], events: list[Event] | None = None) -> dict[str, Any]:
    """The right report with other numbers."""
    rows = copy.deepcopy(RIGHT["counts"])
    change(rows)
    return {"counts": rows, "events": RIGHT["events"] if events is None else events}


def end_of(event: Event) -> int:
    return int(event["ts_ns"] + event["duration_ns"])


# --- events that are not there ---


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


# --- fields that name the call ---


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


# --- times that are not the entry's ---


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


# --- counts ---


def zero(field: str) -> Callable[[Rows], None]:
    def change(rows: Rows) -> None:
        for row in rows.values():
            row[field] = 0

    return change


def test_with_data_that_nobody_adds_to_is_named_by_what_the_events_say() -> None:
    found = failure(counted(zero("with_data")))
    assert (found.name, found.cause) == ("calls_with_data", "with_data_never_counted")
    assert "your events are all there" in found.hint
    silent = failure(counted(zero("with_data"), events=[]))
    assert (silent.name, silent.cause) == ("calls_with_data", "with_data_never_counted")
    assert "`starts`" in silent.hint
    full = dataclasses.replace(RUN.kernel, maps=(MapFacts(3, "starts", "hash", 4, 4),))
    assert failure(counted(zero("with_data"), events=[]), full).cause == "starts_overwritten"


def test_starts_are_overwritten_only_where_events_are_missing_too() -> None:
    def less(rows: Rows) -> None:
        for row in rows.values():
            row["with_data"] -= 40

    found = failure(counted(less))
    assert (found.name, found.cause) == ("calls_with_data", "count_too_low")
    assert "TODO 3" in found.hint
    assert failure(counted(less, events=RIGHT["events"][::2])).cause == "starts_overwritten"


def test_calls_that_nobody_adds_to_are_no_filter_when_the_events_are_complete() -> None:
    found = failure(counted(zero("calls")))
    assert (found.name, found.cause) == ("calls_per_syscall", "calls_never_counted")
    assert "only the main thread" not in found.message
    # No event, or an event of every return of the machine: that may well be the filter.
    none: list[Event] = []
    for events in (none, RIGHT["events"] * 2):
        assert failure(counted(zero("calls"), events)).cause == "thread_id_as_pid"


def move(name: str, row: str, field: str) -> Callable[[Rows], None]:
    def change(rows: Rows) -> None:
        rows[row][field] += rows[name][field]
        rows[name][field] = 0

    return change


def swap(one: str, other: str, field: str) -> Callable[[Rows], None]:
    def change(rows: Rows) -> None:
        rows[one][field], rows[other][field] = rows[other][field], rows[one][field]

    return change


def turn(rows: Rows) -> None:
    """Every row has the next one's number."""
    numbers = [rows[name]["calls"] for name in SYSCALLS]
    for name, number in zip(SYSCALLS, [*numbers[1:], numbers[0]], strict=True):
        rows[name]["calls"] = number


@pytest.mark.parametrize(
    ("change", "check", "said"),
    [
        (move("writev", "readv", "calls"), "calls_per_syscall", "writev as readv"),
        (swap("recvfrom", "sendto", "calls"), "calls_per_syscall", "recvfrom as sendto, sendto as recvfrom"),
        (turn, "calls_per_syscall", "writev as readv"),
        (move("writev", "readv", "with_data"), "calls_with_data", "writev as readv"),
        (swap("recvfrom", "sendto", "with_data"), "calls_with_data", "sendto as recvfrom"),
    ],
)
def test_what_is_counted_in_another_row_is_no_filter(
    change: Callable[[Rows], None], check: str, said: str
) -> None:
    found = failure(counted(change))
    assert (found.name, found.cause) == (check, "counted_as_another_call")
    assert said in found.hint and "TODO 4" in found.hint


@pytest.mark.parametrize("field", ["calls", "with_data"])
@pytest.mark.parametrize("names", [("epoll_wait",), ("writev", "recvfrom", "sendto", "epoll_wait")])
def test_rows_that_hold_nothing_beside_right_ones_are_no_filter(field: str, names: tuple[str, ...]) -> None:
    def change(rows: Rows) -> None:
        for name in names:
            rows[name][field] = 0

    found = failure(counted(change))
    assert found.cause == "call_never_counted"
    assert ", ".join(names) in found.hint and "TODO 4" in found.hint


def test_rows_that_hold_nothing_because_a_map_is_full_are_the_maps() -> None:
    full = dataclasses.replace(RUN.kernel, maps=(MapFacts(3, "calls", "hash", 4, 4),))
    assert failure(counted(lambda rows: rows["sendto"].update(calls=0)), full).cause == "map_full"


def test_one_row_that_is_too_high_beside_right_ones_is_no_filter() -> None:
    found = failure(counted(lambda rows: rows["sendto"].update(calls=1_000)))
    assert (found.name, found.cause) == ("calls_per_syscall", "count_too_high")
    assert "sendto" in found.hint and "TODO 4" in found.hint and "in_target" not in found.hint


def test_one_factor_in_all_rows_is_no_filter() -> None:
    def twice(rows: Rows) -> None:
        for row in rows.values():
            row["calls"] *= 2

    found = failure(counted(twice))
    assert (found.name, found.cause) == ("calls_per_syscall", "count_multiple")
    assert "2 times" in found.hint and "in_target" not in found.hint


def test_different_wrong_numbers_in_all_rows_may_be_the_filter() -> None:
    def odd(rows: Rows) -> None:
        for number, row in enumerate(rows.values()):
            row["calls"] += 100 + number

    assert "in_target()" in failure(counted(odd)).hint


def test_calls_counted_where_data_came_back_are_named() -> None:
    def only_data(rows: Rows) -> None:
        for row in rows.values():
            row["calls"] = row["with_data"]

    found = failure(counted(only_data))
    assert (found.name, found.cause) == ("calls_per_syscall", "only_data_counted")
    assert "entered()" in found.hint and "in_target" not in found.hint


def test_the_recorded_run_has_an_event_of_each_kind_these_tests_need() -> None:
    events: list[Reported] = EVENTS_OF(RUN)
    assert {event.syscall for event in events} == set(SYSCALLS)
    kinds = Counter((event.ret > 0) - (event.ret < 0) for event in events)
    assert min(kinds[kind] for kind in (-1, 0, 1)) > 10
