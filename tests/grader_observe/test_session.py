"""The lab side of the session: what it makes of the host's messages."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from grader.observing.session import OrderFailed, Session
from grader.onhost.contract.host_orders import CpuTime, MeasureYardstick
from grader.onhost.contract.messages import Asked, Done, Failed, TracerLine, Working, from_line, to_line


class Process:
    """A host that says this to each order, with the order's number, and first a line that is no message."""

    stderr_text = ""

    def __init__(self, *said: Any) -> None:
        self._said = said
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def send_line(self, line: str) -> None:
        asked = from_line(line)
        assert isinstance(asked, Asked)
        self._lines.put("Welcome to this machine")
        for message in self._said:
            about = message if isinstance(message, TracerLine) else replace(message, id=asked.id)
            self._lines.put(to_line(about))

    def read_line(self, timeout_s: float) -> str | None:
        try:
            return self._lines.get(timeout=timeout_s)
        except queue.Empty:
            raise TimeoutError from None


@contextmanager
def session(*said: Any) -> Iterator[tuple[Session, list[str]]]:
    """One to such a host, and the lines that tracers print."""
    heard: list[str] = []
    opened = Session(Process(*said), lambda tracer, line: heard.append(f"{tracer} {line}"))
    try:
        yield opened, heard
    finally:
        opened.close()


def test_that_the_host_still_works_on_an_order_is_no_answer_to_it() -> None:
    with session(Working(0), Working(0), Done(0, {"cpu_s": 3})) as (opened, _):
        assert opened.order(MeasureYardstick()) == CpuTime(3)


def test_what_the_host_cannot_do_is_named_with_the_order_and_whether_something_of_ours_ended() -> None:
    with (
        session(Failed(0, "it is gone", disturbed=True)) as (opened, _),
        pytest.raises(OrderFailed, match=r"^yardstick: it is gone$") as failed,
    ):
        opened.order(MeasureYardstick())
    assert failed.value.disturbed


def test_an_answer_of_another_version_is_a_failed_order_that_says_what_does_not_fit() -> None:
    with (
        session(Done(0, {"cpu_s": 3, "wall_s": 4})) as (opened, _),
        pytest.raises(OrderFailed, match=r"the answer to yardstick\.wall_s is not known"),
    ):
        opened.order(MeasureYardstick())


def test_a_tracers_line_answers_no_order() -> None:
    with session(TracerLine("t0", "{}"), Done(0, {"cpu_s": 3})) as (opened, heard):
        opened.order(MeasureYardstick())
        assert heard == ["t0 {}"]
