"""Exercise 5's recorded run, what tracers print of it, and what the verdict says to them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

from grader.exercise import Exercise
from grader.judge import judge
from grader.observation import FunctionCall, KernelFacts, Observation, Report
from grader.truth.lifetimes import FunctionArgument, lifetimes
from grader.verdict import Outcome, Verdict
from grader.written.observation_file import load
from tests.exercises.simulated import ROOT, exercise

SLUG = "05-uprobes"
RUN = load(ROOT / "solutions" / SLUG / "observation.json.gz")
MAKES, COMPLETES, TWIN, _ = RUN.recordings[0].offsets
FUNCTIONS = RUN.recordings[0].functions

Key = Callable[[FunctionCall], int]


def of_stream(call: FunctionCall) -> int:
    """The stream's address: the first argument of its constructor, the second of the other function."""
    return call.arguments[0 if call.symbol == MAKES else 1]


def of_connection(call: FunctionCall) -> int:
    """The transport's address."""
    return call.arguments[1 if call.symbol == MAKES else 0]


def tracer(
    functions: Iterable[FunctionCall], key: Key = of_stream, last: int = 3, *, replace: bool = True
) -> dict[str, Any]:
    """What a tracer prints that keeps its streams under this key; `replace`: a new one ousts an old one."""
    kept: dict[int, list[int]] = {}
    reached = dict.fromkeys(range(2000), 0)
    events = []
    for call in functions:
        if call.symbol == MAKES:
            reached[0] += 1
            if replace or key(call) not in kept:
                kept[key(call)] = [call.at_ns, 0]
        elif call.symbol == COMPLETES and key(call) in kept:
            stream = kept[key(call)]
            stream[1] += 1
            reached[stream[1]] += 1
            if stream[1] == last:
                latency = call.at_ns - stream[0]
                events.append({"stream": of_stream(call), "ts_ns": stream[0], "latency_ns": latency})
    numbers = {"streams": reached[0], "completed": reached[3] - reached[4], "cancelled": reached[4]}
    return {**numbers, "calls": sum(reached.values()) - reached[0], "events": events}


TARGETS = [call for call in FUNCTIONS if call.in_target]
RIGHT = tracer(TARGETS)


def seen(document: dict[str, Any], kernel: KernelFacts | None = None) -> Observation:
    """The run through a tracer that printed this."""
    return dataclasses.replace(RUN, report=Report(document, bytes=9), kernel=kernel or RUN.kernel)


def verdict(document: dict[str, Any], kernel: KernelFacts | None = None) -> Verdict:
    return judge(five(), seen(document, kernel))


def five() -> Exercise:
    return exercise(SLUG)


def first_failure(document: dict[str, Any], kernel: KernelFacts | None = None) -> tuple[str, str]:
    """(check, cause) of the first check that failed."""
    told = verdict(document, kernel)
    assert told.outcome is Outcome.FAIL, told
    return next((one.name, one.cause) for one in told.checks if one.outcome is Outcome.FAIL)


def changed(**numbers: int) -> dict[str, Any]:
    return {**RIGHT, **numbers}


LIVES = lifetimes(RUN, FunctionArgument(MAKES, 0), FunctionArgument(COMPLETES, 1)).inside
STREAMS, DONE, GIVEN_UP = RIGHT["streams"], RIGHT["completed"], RIGHT["cancelled"]
