"""Exercise 5: a run that was recorded; what a server's threads do to each other nobody can plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from grader.observation import FunctionCall, Observation
from grader.truth.lifetimes import FunctionArgument, Lifetime, lifetimes
from grader.written.observation_file import load
from tests.exercises.condition import Condition, Stated, Tracer, printing
from tests.exercises.simulated import ROOT

SLUG = "05-uprobes"
Key = Callable[[FunctionCall], int]


@cache
def recorded() -> Observation:
    """The solution's own run."""
    return load(ROOT / "solutions" / SLUG / "observation.json.gz")


def lives(seen: Observation) -> tuple[Lifetime, ...]:
    """The target's streams."""
    makes, completes, *_ = seen.recordings[0].offsets
    return tuple(lifetimes(seen, FunctionArgument(makes, 0), FunctionArgument(completes, 1)).inside)


def document(seen: Observation) -> dict[str, Any]:
    """What a right tracer prints."""
    streams = lives(seen)
    calls = [len(one.calls) for one in streams]
    return {
        "streams": len(streams),
        "completed": sum(number == 3 for number in calls),
        "cancelled": sum(number > 3 for number in calls),
        "calls": sum(calls),
        "events": [event(one) for one in streams],
    }


def event(one: Lifetime) -> dict[str, int]:
    """A stream's event."""
    made = one.made.at_ns
    return {"stream": one.address, "ts_ns": made, "latency_ns": one.calls[2].at_ns - made}


def counted(change: Callable[[list[Lifetime], dict[str, Any]], Mapping[str, Any]]) -> Tracer:
    """A tracer whose numbers are changed."""

    def printed(seen: Observation) -> Observation:
        told = document(seen)
        return printing(told | dict(change(list(lives(seen)), told)), seen)

    return printed


def events(change: Callable[[Lifetime], Mapping[str, int] | None]) -> Tracer:
    """A tracer with right numbers whose events are changed, or left out where there is nothing to change."""

    def changed(streams: list[Lifetime], told: dict[str, Any]) -> dict[str, Any]:
        new = [(event(one), change(one)) for one in streams]
        return {"events": [old | dict(more) for old, more in new if more is not None]}

    return counted(changed)


def latency(change: Callable[[Lifetime], int]) -> Tracer:
    """A tracer that measures something else."""
    return events(lambda one: {"latency_ns": change(one)})


def gave_up(one: Lifetime) -> bool:
    """Whether its client did."""
    return len(one.calls) > 3


STATED = Stated(
    SLUG,
    {"recorded": recorded},
    lambda seen: printing(document(seen), seen),
    (
        Condition(
            "`streams`: made. `completed`: three calls. `cancelled`: four or more. `calls`: of the second"
            " function, all together.",
            {
                "completed: at least three": counted(
                    lambda streams, told: {"completed": told["completed"] + told["cancelled"]}
                ),
                "cancelled: exactly four": counted(
                    lambda streams, told: {"cancelled": sum(len(one.calls) == 4 for one in streams)}
                ),
                "cancelled: each later call": counted(
                    lambda streams, told: {"cancelled": told["calls"] - 3 * told["streams"]}
                ),
                "streams: each address": counted(
                    lambda streams, told: {"streams": len({one.address for one in streams})}
                ),
                "streams: completed": counted(lambda streams, told: {"streams": told["completed"]}),
                "calls: three each": counted(lambda streams, told: {"calls": 3 * told["streams"]}),
                "calls: of both functions": counted(
                    lambda streams, told: {"calls": told["calls"] + told["streams"]}
                ),
                "given up ones are nothing": counted(
                    lambda streams, told: {"streams": told["completed"], "cancelled": 0}
                ),
            },
        ),
        Condition(
            "one for each stream that had its third call, given up or not. `ts_ns` is when it was made.",
            {
                "only answered ones": events(lambda one: None if gave_up(one) else {}),
                "only given up ones": events(lambda one: {} if gave_up(one) else None),
                "the time of the first call": events(lambda one: {"ts_ns": one.calls[0].at_ns}),
                "the time of the third call": events(lambda one: {"ts_ns": one.calls[2].at_ns}),
                "the time of day": events(lambda one: {"ts_ns": one.made.at_ns + 10**18}),
            },
        ),
        Condition(
            "From the constructor to the third call is the time the server had the call",
            {
                "to the first": latency(lambda one: one.calls[0].at_ns - one.made.at_ns),
                "to the second": latency(lambda one: one.calls[1].at_ns - one.made.at_ns),
                "from the second": latency(lambda one: one.calls[2].at_ns - one.calls[1].at_ns),
                "to the last": latency(lambda one: one.calls[-1].at_ns - one.made.at_ns),
                "none where it was given up": latency(
                    lambda one: 0 if gave_up(one) else one.calls[2].at_ns - one.made.at_ns
                ),
                "microseconds": latency(lambda one: (one.calls[2].at_ns - one.made.at_ns) // 1_000),
                "until Python looked": latency(lambda one: one.calls[2].at_ns - one.made.at_ns + 3_000_000),
            },
        ),
    ),
)
