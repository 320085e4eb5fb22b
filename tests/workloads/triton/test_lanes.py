from __future__ import annotations

import threading
from typing import Any

import pytest

from grader.traffic import LedgerEntry
from workloads.errors import WorkloadError
from workloads.triton.lanes import Lane, WorkRequest, lanes_of, run_lanes


def test_lanes_keep_their_order_and_missing_times_are_zero() -> None:
    lanes = lanes_of({"lanes": [[{"gap_ms": 10, "sleep_ms": 2}, {}], [{"spin_ms": 0.5}]]})
    assert lanes == ((WorkRequest(10, 2), WorkRequest()), (WorkRequest(spin_ms=0.5),))


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({}, "needs `lanes`"),
        ({"lanes": []}, "needs `lanes`"),
        ({"lanes": "abc"}, "needs `lanes`"),
        ({"lanes": [[{"sleep": 3}]]}, "a request has no sleep"),
        ({"lanes": [[{"sleep_ms": -3}]]}, "0 or more"),
        ({"lanes": [[{"gap_ms": float("nan")}]]}, "0 or more"),
        ({"lanes": [[{"gap_ms": float("inf")}]]}, "0 or more"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(params: dict[str, Any], message: str) -> None:
    with pytest.raises(WorkloadError, match=message):
        lanes_of(params)


def test_lanes_are_sent_at_the_same_time_and_reported_in_order() -> None:
    lanes = lanes_of({"lanes": [[{}], [{}], [{}]]})
    all_there = threading.Barrier(len(lanes), timeout=60)

    def send(number: int, lane: Lane) -> list[LedgerEntry]:
        all_there.wait()  # breaks when they are not sent together
        return [LedgerEntry("x", str(number), True, 0, 0)] * len(lane)

    assert [entry.who for entry in run_lanes(lanes, send, threading.Event())] == ["0", "1", "2"]


def test_a_crash_in_one_lane_stops_the_others_and_is_raised() -> None:
    stopping = threading.Event()

    def send(number: int, lane: Lane) -> list[LedgerEntry]:
        if number == 1:
            raise RuntimeError("lost")
        assert stopping.wait(60)
        return []

    with pytest.raises(RuntimeError, match="lost"):
        run_lanes(lanes_of({"lanes": [[{}], [{}]]}), send, stopping)
