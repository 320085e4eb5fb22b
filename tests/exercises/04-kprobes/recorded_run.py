"""Exercise 4's recorded run, its report with mistakes made of it, and what the verdict says to them."""

from __future__ import annotations

import copy
import dataclasses
import sys
from collections.abc import Callable
from typing import Any

from grader.judge import judge
from grader.observation import KernelFacts, Report
from grader.verdict import Finding, Outcome
from tests.exercises.recorded_runs import recorded
from tests.exercises.simulated import exercise

RUN = recorded("04-kprobes")
FOUR = exercise("04-kprobes")
EVENTS_OF = sys.modules["exercise_04_kprobes.checks"].events_of
SYSCALLS = ("readv", "writev", "recvfrom", "sendto", "epoll_wait")
Event = dict[str, Any]
Rows = dict[str, dict[str, int]]


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
