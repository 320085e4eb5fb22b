from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import pytest

from grader.onhost.contract.driver_orders import (
    CallsMade,
    HoldThreads,
    Parked,
    ParkThreads,
    ReleaseThreads,
    TargetCalls,
    UnparkThreads,
)
from grader.onhost.contract.order import Nothing, Order
from grader.traffic import Step
from tests.workloads.orders_on_paper import OrdersOnPaper
from tests.workloads.small_server import LastWords, SmallServer, as_answer, small_server, sum_of
from workloads.errors import UnknownStepError, WorkloadError
from workloads.triton.drive import Server, TritonDrive

A = TypeVar("A")

Address = tuple[str, int]
NOWHERE: Address = ("127.0.0.1", 9)


def drive_to(target: Address, decoy: Address = NOWHERE) -> TritonDrive:
    servers = {
        "target": Server("lab-target", {"http": target, "grpc": target}),
        "decoy": Server("lab-decoy", {"http": decoy, "grpc": decoy}),
    }
    return TritonDrive(servers, OrdersOnPaper())


def test_a_lane_is_one_connection_with_an_entry_per_request_and_one_for_its_end() -> None:
    lanes = [[{"sleep_ms": 3}, {"sleep_ms": 4, "gap_ms": 5}, {"spin_ms": 1}], [{"sleep_ms": 9}]]
    with small_server() as server, drive_to(server.address) as drive:
        entries = drive.run(Step("http", {"lanes": lanes}))
    assert server.connections == 2
    assert len(server.requests) == 4
    assert all(entry.ok and entry.who == "lab-target" for entry in entries)
    assert [entry.kind for entry in entries] == ["http", "http", "http", "http_close", "http", "http_close"]
    assert [entry.detail["lane"] for entry in entries] == [0, 0, 0, 0, 1, 1]
    assert [entry.detail["index"] for entry in entries if entry.kind == "http"] == [0, 1, 2, 0]


def test_an_entry_says_what_was_planned_and_what_really_passed() -> None:
    with small_server() as server, drive_to(server.address) as drive:
        _, second, _ = drive.run(Step("http", {"lanes": [[{}, {"sleep_ms": 4, "gap_ms": 5}]]}))
    detail = second.detail
    assert (detail["gap_ms"], detail["sleep_ms"], detail["status"]) == (5, 4, 200)
    assert detail["gap_ns"] >= 5_000_000
    assert detail["latency_ns"] == second.ended_ns - second.started_ns > 0
    assert detail["bytes"] == len(sum_of({"SLEEP_MS": 4.0}))
    assert detail["sent_bytes"] > 100


def test_who_chooses_the_container() -> None:
    with small_server() as target, small_server() as decoy, drive_to(target.address, decoy.address) as drive:
        entries = drive.run(Step("http", {"who": "decoy", "lanes": [[{}]]}))
        with pytest.raises(WorkloadError, match="there are: target, decoy"):
            drive.run(Step("http", {"who": "other", "lanes": [[{}]]}))
    assert [entry.who for entry in entries] == ["lab-decoy", "lab-decoy"]
    assert (target.connections, decoy.connections) == (0, 1)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (lambda _inputs: LastWords(), "closed the connection"),
        (lambda _inputs: as_answer(b"{}", "500 Error"), "wrong answer"),
        (lambda _inputs: sum_of({"a": 77}), "wrong answer"),
        (lambda _inputs: b"junk\r\n\r\n", "not an HTTP answer"),
        (lambda _inputs: LastWords(as_answer(b"{}")[:-1]), "closed the connection"),
        (lambda _inputs: sum_of({"a": 1}) * 2, "more than one answer"),
    ],
    ids=["closed", "status", "value", "junk", "cut", "two"],
)
def test_a_bad_answer_is_a_failed_entry_and_ends_its_lane(
    answer: Callable[[dict[str, float]], bytes], error: str
) -> None:
    sent: list[int] = []

    def once(inputs: dict[str, float]) -> bytes:
        sent.append(1)
        return answer(inputs) if len(sent) == 2 else sum_of(inputs)

    with small_server(once) as server, drive_to(server.address) as drive:
        entries = drive.run(Step("http", {"lanes": [[{"sleep_ms": 1}] * 5]}))
    assert [(entry.kind, entry.ok) for entry in entries] == [
        ("http", True),
        ("http", False),
        ("http_close", True),
    ]
    assert error in str(entries[1].detail["error"])
    assert entries[1].detail["unsent"] == 3


@pytest.mark.parametrize("kind", ["http", "grpc"])
def test_a_server_that_is_not_there_is_an_entry_and_no_exception(kind: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        gone: Address = taken.getsockname()
    with drive_to(gone) as drive:
        (entry,) = drive.run(Step(kind, {"lanes": [[{}, {}]]}))
    assert not entry.ok
    assert entry.detail["error"]
    assert entry.detail["unsent"] >= 1


def test_leaving_the_context_ends_a_lane_that_waits_in_a_gap() -> None:
    came = threading.Event()

    def answer(inputs: dict[str, float]) -> bytes:
        came.set()
        return sum_of(inputs)

    with small_server(answer) as server:
        drive = drive_to(server.address)
        ended: list[int] = []
        hour = {"gap_ms": 3_600_000}
        thread = threading.Thread(
            target=lambda: ended.append(len(drive.run(Step("http", {"lanes": [[{}, hour]]}))))
        )
        thread.start()
        assert came.wait(60)
        drive.__exit__()
        thread.join(60)
    assert ended == [2]  # the first request and the end of the connection


@pytest.mark.parametrize(
    ("order", "answer", "detail"),
    [
        (ParkThreads(12), Parked(12, 77), {"threads": 12, "pid": 77}),
        (UnparkThreads(), Nothing(), {}),
        (TargetCalls({"readv": 5}), CallsMade({"readv": 4}, 77), {"calls": {"readv": 4}, "pid": 77}),
    ],
)
def test_what_must_happen_on_the_host_is_ordered_there(
    order: Order[Any], answer: object, detail: dict[str, object]
) -> None:
    params = {key: value for key, value in order.params().items() if key not in ("timeout_s", "comm")}
    orders = OrdersOnPaper(answer)
    with TritonDrive({"target": Server("lab-target", {})}, orders) as drive:
        (entry,) = drive.run(Step(order.name, params))
    assert orders.asked == [replace(order, timeout_s=180)]
    assert (entry.kind, entry.who, entry.detail) == (order.name, "lab-target", detail)


class CountingOrders(OrdersOnPaper):
    """Notes how many connections the server had when each order came."""

    def __init__(self, server: SmallServer) -> None:
        super().__init__()
        self.server = server
        self.connections: list[int] = []

    def order(self, order: Order[A]) -> A:
        wanted = 3 if isinstance(order, ReleaseThreads) else 0
        while self.server.connections < wanted:
            time.sleep(0.01)
        self.connections.append(self.server.connections)
        return super().order(order)


def test_lanes_with_threads_of_their_own_are_connected_while_the_threads_are_held() -> None:
    with small_server() as server:
        orders = CountingOrders(server)
        servers = {"target": Server("lab-target", {"http": server.address}, main_pid=77)}
        with TritonDrive(servers, orders) as drive:
            lanes = [[{"sleep_ms": 1}] * number for number in (1, 2, 3)]
            entries = drive.run(Step("http", {"lanes": lanes, "own_threads": True}))
    assert orders.asked == [HoldThreads(pid=77, connections=3), ReleaseThreads()]
    assert orders.connections == [0, 3]
    assert server.connections == 3  # none was made twice
    assert Counter(entry.detail["lane"] for entry in entries if entry.kind == "http") == {0: 1, 1: 2, 2: 3}
    assert all(entry.ok for entry in entries)


def test_a_server_that_takes_no_connection_lets_its_threads_go_and_the_requests_fail() -> None:
    orders = OrdersOnPaper()
    servers = {"target": Server("lab-target", {"http": NOWHERE}, main_pid=77)}
    with TritonDrive(servers, orders) as drive:
        entries = drive.run(Step("http", {"lanes": [[{"sleep_ms": 1}]], "own_threads": True}))
    assert [type(one) for one in orders.asked] == [HoldThreads, ReleaseThreads]
    assert not any(entry.ok for entry in entries if entry.kind == "http")


def test_an_unknown_kind_is_refused_with_the_known_ones() -> None:
    with drive_to(NOWHERE) as drive, pytest.raises(UnknownStepError, match="http, grpc, park_threads"):
        drive.run(Step("smtp"))
