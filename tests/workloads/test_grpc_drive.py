from __future__ import annotations

import contextlib
import struct
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc  # type: ignore[import-untyped]
import pytest

from grader.traffic import Step
from tests.workloads.orders_on_paper import OrdersOnPaper
from workloads.errors import WorkloadError
from workloads.triton.drive import Server, TritonDrive
from workloads.triton.grpc_messages import METHOD, fields


class SumService:
    """Answers ModelInfer with the sum of the numbers sent, or with an error status."""

    def __init__(self, fail: bool, hold: bool) -> None:
        self.fail = fail
        self.answer = threading.Event()
        if not hold:
            self.answer.set()
        self.peers: set[str] = set()
        self.calls = 0

    def infer(self, message: bytes, context: Any) -> bytes:
        self.calls += 1
        self.peers.add(context.peer())
        if self.fail:
            context.abort(grpc.StatusCode.INTERNAL, "the model is broken")
        self.answer.wait()
        raw = [value for number, value in fields(message) if number == 7 and isinstance(value, bytes)]
        total = sum(struct.unpack("<f", value)[0] for value in raw)
        return b"\x32\x04" + struct.pack("<f", total)


@contextlib.contextmanager
def service(fail: bool = False, hold: bool = False) -> Iterator[tuple[SumService, TritonDrive]]:
    one = SumService(fail, hold)
    _, package, method = METHOD.split("/")
    handlers = {method: grpc.unary_unary_rpc_method_handler(one.infer)}
    with ThreadPoolExecutor(4) as pool:
        server = grpc.server(pool)
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(package, handlers),))
        address = ("127.0.0.1", server.add_insecure_port("127.0.0.1:0"))
        server.start()
        try:
            with TritonDrive({"target": Server("lab-target", {"grpc": address})}, OrdersOnPaper()) as drive:
                yield one, drive
        finally:
            one.answer.set()
            server.stop(None).wait()


def test_calls_are_spread_over_as_many_connections_as_there_are_channels() -> None:
    with service() as (served, drive):
        entries = drive.run(Step("grpc", {"channels": 2, "lanes": [[{"sleep_ms": 5}, {"spin_ms": 2}]] * 4}))
    assert served.calls == len(entries) == 8
    assert len(served.peers) == 2
    assert all(entry.ok and entry.kind == "grpc" and entry.detail["status"] == "OK" for entry in entries)
    assert [entry.detail["channel"] for entry in entries] == [0, 0, 1, 1, 0, 0, 1, 1]
    assert all(entry.detail["latency_ns"] == entry.ended_ns - entry.started_ns for entry in entries)


def test_an_error_status_is_a_failed_entry_and_ends_its_lane() -> None:
    with service(fail=True) as (served, drive):
        (entry,) = drive.run(Step("grpc", {"lanes": [[{}, {}, {}]]}))
    assert served.calls == 1
    assert not entry.ok
    assert (entry.detail["status"], entry.detail["error"]) == ("INTERNAL", "the model is broken")
    assert entry.detail["unsent"] == 2


def test_a_call_that_is_given_up_as_planned_is_no_failure_and_its_lane_goes_on() -> None:
    with service(hold=True) as (_, drive):
        entries = drive.run(Step("grpc", {"lanes": [[{"cancel_ms": 20}, {"cancel_ms": 30}]]}))
    assert [(entry.ok, entry.detail["status"]) for entry in entries] == [(True, "CANCELLED")] * 2
    assert [entry.detail["cancel_ms"] for entry in entries] == [20, 30]
    assert all(entry.detail["latency_ns"] >= 20_000_000 for entry in entries)


def test_a_call_that_is_answered_before_it_would_be_given_up_is_answered() -> None:
    with service() as (_, drive):
        (entry,) = drive.run(Step("grpc", {"lanes": [[{"cancel_ms": 60_000}]]}))
    assert (entry.ok, entry.detail["status"]) == (True, "OK")


def test_only_grpc_calls_can_be_given_up() -> None:
    with service() as (_, drive), pytest.raises(WorkloadError, match="only a gRPC call"):
        drive.run(Step("http", {"lanes": [[{"cancel_ms": 5}]]}))


def test_a_step_without_channels_is_refused() -> None:
    with service() as (_, drive), pytest.raises(WorkloadError, match="at least one channel"):
        drive.run(Step("grpc", {"channels": 0, "lanes": [[{}]]}))
