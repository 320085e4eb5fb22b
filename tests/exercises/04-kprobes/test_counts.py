"""Mistakes in exercise 4's counts, made of the recorded run's report, and what the verdict calls them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from grader.observation import MapFacts

from .recorded_run import RIGHT, RUN, SYSCALLS, Event, Rows, counted, failure


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
