"""Lab side and session with the contract between them: what one says the other understands."""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Iterator
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any

import pytest

from grader.observing.session import OrderFailed
from grader.observing.session import Session as LabSide
from grader.onhost import session as host_side
from grader.onhost.contract import driver_orders, host_orders, recorder_orders, tracer_orders
from grader.onhost.contract.driver_orders import ExecCaller, HoldThreads, Started
from grader.onhost.contract.jail_kind import JailKind, Limits
from grader.onhost.contract.messages import Asked, Message, from_line, to_line
from grader.onhost.contract.order import Nothing, Order
from grader.onhost.contract.plain_data import PlainDataError, to_plain
from grader.onhost.contract.tracer_facts import FrameCount, KernelFacts, LinkFacts, ProgramFacts, TracerRun
from grader.onhost.contract.tracer_orders import (
    InKernel,
    RunCounts,
    StartTracer,
    StopTracer,
    TracerStopped,
)
from grader.onhost.driver.orders import ROLES
from grader.onhost.driver.spare_processes import SpareProcesses

ORDERS: list[type[Order[Any]]] = [
    order
    for module in (driver_orders, host_orders, recorder_orders, tracer_orders)
    for order in vars(module).values()
    if isinstance(order, type) and issubclass(order, Order) and order is not Order
]


class HostSide(host_side.Session):
    """The session, whose lines go into a queue."""

    lines: queue.SimpleQueue[str]

    def say(self, message: Message) -> None:
        self.lines.put(to_line(message))


class Link:
    """The session's process as the lab side sees it; each order is carried out at once."""

    stderr_text = ""

    def __init__(self, session: HostSide) -> None:
        self._session = session
        session.lines = queue.SimpleQueue()

    def send_line(self, line: str) -> None:
        asked = from_line(line)
        assert isinstance(asked, Asked)
        self._session.carry_out(asked)

    def read_line(self, timeout_s: float) -> str | None:
        try:
            return self._session.lines.get(timeout=timeout_s)
        except queue.Empty:
            raise TimeoutError from None


@pytest.fixture
def both_sides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[LabSide, HostSide]]:
    monkeypatch.setattr(host_side, "FOLDERS", tmp_path)
    with SpareProcesses(ROLES) as processes:
        host = HostSide(processes)
        with host, contextlib.closing(LabSide(Link(host), lambda _tracer, _line: None)) as lab:
            yield lab, host


class NeverHeardOf(Order[Nothing], name="never_heard_of"):
    """The host is of another version."""


def test_an_order_is_carried_out_and_its_answer_has_the_type_that_the_order_names(
    both_sides: tuple[LabSide, HostSide],
) -> None:
    lab, _ = both_sides
    assert lab.order(ExecCaller("alpha", execs=2, forks=1)) == Started(execs=2, fail_execs=0, forks=1)


def test_the_session_carries_out_every_order_of_the_contract_and_no_other(
    both_sides: tuple[LabSide, HostSide],
) -> None:
    _, host = both_sides
    known: Any = host._orders
    assert {kind for kind, _ in known.values()} == set(ORDERS)
    assert len({order.name for order in ORDERS}) == len(ORDERS)


def test_an_order_that_fails_says_which_it_was_and_why(both_sides: tuple[LabSide, HostSide]) -> None:
    lab, _ = both_sides
    with pytest.raises(OrderFailed, match=r"^stop_tracer: there is no tracer t9$"):
        lab.order(StopTracer("t9", grace_s=1))
    with pytest.raises(OrderFailed, match="unknown order never_heard_of"):
        lab.order(NeverHeardOf())


def test_an_order_with_fields_of_another_version_is_refused_by_the_field(
    both_sides: tuple[LabSide, HostSide],
) -> None:
    _, host = both_sides
    for params, wrong in (
        ({"pid": 7, "connections": "many"}, "connections is a str"),
        ({"pid": 7}, "missing"),
    ):
        host.carry_out(Asked(3, HoldThreads.name, params))
        assert wrong in host.lines.get()


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: order.name)
def test_every_order_and_its_answer_are_dataclasses(order: type[Order[Any]]) -> None:
    assert is_dataclass(order) and "timeout_s" in order.__dataclass_fields__
    assert is_dataclass(order.answer)
    assert order.__dataclass_params__.frozen and order.answer.__dataclass_params__.frozen  # type: ignore[attr-defined]


RUN = TracerRun(ready=True, ended_by="sigint", exit_code=0, stdout_tail="READY\n")
LINK = LinkFacts("lab0", up=True, refused=0, received=3, arrived={"arp": FrameCount(3, 126)})
FACTS = KernelFacts((ProgramFacts(9, "probe", "kprobe", 3, 30, 0, map_ids=(4, 5)),), link=LINK)


@pytest.mark.parametrize(
    ("order", "answer"),
    [
        (
            StartTracer("t0", {"a.py": b"\x00\xff"}, JailKind(Limits(tasks=9), needs=("pins",)), {"A": "b"}),
            Nothing(),
        ),
        (StopTracer("t0", 1.5), TracerStopped(RUN, refused=("bpf_send_signal",))),
        (tracer_orders.AskKernel(("t0", "t1")), InKernel({"t0": FACTS}, ended=("t1",))),
        (tracer_orders.CountRuns(("t0",)), RunCounts({"t0": {9: 211}}, {"t0": (7, 8)})),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_arrives_is_what_was_said(order: Order[Any], answer: object) -> None:
    sent = from_line(to_line(Asked(1, order.name, order.params())))
    assert isinstance(sent, Asked)
    assert type(order).of(sent.params) == order
    assert order.answered(to_plain(answer)) == answer


@pytest.mark.parametrize(
    "line",
    [
        "Welcome",
        "[]",
        "7",
        "{}",
        '{"done": 7}',
        '{"done": {"id": 1}}',
        '{"pass": {}}',
        '{"done": {}, "failed": {}}',
    ],
)
def test_what_is_no_message_is_told_apart(line: str) -> None:
    with pytest.raises(ValueError):
        from_line(line)


def test_files_that_are_no_base64_are_refused() -> None:
    with pytest.raises(PlainDataError, match=r"start_tracer\.files\.tracer\.py is no base64"):
        StartTracer.of({"tracer": "t0", "files": {"tracer.py": "?"}})
