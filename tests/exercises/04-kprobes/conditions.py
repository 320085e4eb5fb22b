"""Exercise 4: a run that was recorded, and runs as they are planned."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from typing import Any

from grader.observation import Observation, RecordedCall
from grader.truth.calls import calls, ledger
from grader.written.observation_file import load
from tests.exercises.condition import Condition, Stated, Tracer, printing
from tests.exercises.simulated import ROOT, both_ends, programs, triton_report, triton_run

SLUG = "04-kprobes"
Call = RecordedCall
Keep = Callable[[Call], bool]
Event = dict[str, Any]


@cache
def recorded() -> Observation:
    """The solution's own run."""
    return load(ROOT / "solutions" / SLUG / "observation.json.gz")


@cache
def planned(seed: int) -> Observation:
    """A run as it is planned, through probes where they belong."""
    seen = triton_run(seed)
    return dataclasses.replace(seen, kernel=programs(both_ends(seen.recordings[0].calls)))


def whole(keep: Keep) -> Callable[[Iterable[Call]], list[Call]]:
    """A tracer's view: these calls, if it saw both their ends."""
    return lambda every: [one for one in every if one.exit_ns and one.entry_ns and keep(one)]


def document(
    seen: Observation, keep: Keep = lambda call: call.in_target, moved: Keep = lambda call: call.ret > 0
) -> dict[str, Any]:
    """What a tracer prints that filters so, and takes this for data."""
    inside = calls(seen, everywhere=True).inside
    return triton_report(inside, whole(keep), moved)


def filtered(keep: Callable[[Observation, Call], bool]) -> Tracer:
    """A tracer with this filter."""
    return lambda seen: printing(document(seen, partial(keep, seen)), seen)


def data_is(moved: Keep) -> Tracer:
    """A tracer that takes these results for data."""
    return lambda seen: printing(document(seen, moved=moved), seen)


def events(change: Callable[[Event], Mapping[str, Any] | None]) -> Tracer:
    """A tracer with right counts whose events are changed, or left out where there is nothing to change."""

    def printed(seen: Observation) -> Observation:
        told = document(seen)
        changed = [(event, change(event)) for event in told["events"]]
        kept = [event | dict(more) for event, more in changed if more is not None]
        return printing(told | {"events": kept}, seen)

    return printed


def helper(seen: Observation) -> int:
    """The helper's process."""
    return int(ledger(seen, "target_calls")[0].detail["pid"])


def server(seen: Observation) -> int:
    """The server's process."""
    return seen.target.main_pid if seen.target else 0


STATED = Stated(
    SLUG,
    {"recorded": recorded, "seed 1": partial(planned, 1), "seed 2": partial(planned, 2)},
    lambda seen: printing(document(seen), seen),
    (
        Condition(
            "every process in its *cgroup* and in the groups below it.",
            {
                "the whole machine": filtered(lambda seen, call: True),
                "the server's process": filtered(lambda seen, call: call.pid == server(seen)),
                "the server's main thread": filtered(lambda seen, call: call.tid == server(seen)),
                "the server's name": filtered(lambda seen, call: call.comm == "tritonserver"),
                "its own group": filtered(lambda seen, call: call.in_target and call.pid != helper(seen)),
            },
        ),
        Condition(
            "`ret` is **signed**. A negative number is an error (`-11`: nothing there yet, `-4`: the wait was"
            " interrupted), 0 is an end."
            ' "With data" means `ret > 0`.',
            {
                "anything but 0": data_is(lambda call: call.ret != 0),
                "anything from 0": data_is(lambda call: call.ret >= 0),
                "every result": data_is(lambda call: True),
                "anything but 0 and EAGAIN": data_is(lambda call: call.ret not in (0, -11)),
                "anything but EAGAIN": data_is(lambda call: call.ret != -11),
                "more than one": data_is(lambda call: call.ret > 1),
                "a write always moves data": data_is(
                    lambda call: call.ret > 0 or call.syscall in ("writev", "sendto")
                ),
                "a wait always finds something": data_is(
                    lambda call: call.ret > 0 or call.syscall == "epoll_wait"
                ),
                "the result without its sign": events(lambda event: {"ret": event["ret"] % 2**32}),
            },
        ),
        Condition(
            "One event for each call, with the right pid, tid, fd, comm and return value.",
            {
                "only with data": events(lambda event: {} if event["ret"] > 0 else None),
                "no errors": events(lambda event: {} if event["ret"] >= 0 else None),
                "no waits": events(lambda event: {} if event["syscall"] != "epoll_wait" else None),
                "pid and tid swapped": events(lambda event: {"pid": event["tid"], "tid": event["pid"]}),
                "tid for pid": events(lambda event: {"pid": event["tid"]}),
                "pid for tid": events(lambda event: {"tid": event["pid"]}),
                "no descriptor": events(lambda event: {"fd": 0}),
                "one name for all": events(lambda event: {"comm": "tritonserver"}),
                "ret only tells success": events(lambda event: {"ret": int(event["ret"] > 0)}),
                "the time of the return": events(
                    lambda event: {"ts_ns": event["ts_ns"] + event["duration_ns"]}
                ),
                "the time of day": events(lambda event: {"ts_ns": event["ts_ns"] + 10**18}),
            },
        ),
        Condition(
            "Right durations where the traffic plants them: the waits in `epoll_wait`.",
            {
                "microseconds": events(lambda event: {"duration_ns": event["duration_ns"] // 1_000}),
                "milliseconds": events(lambda event: {"duration_ns": event["duration_ns"] // 1_000_000}),
                "32 bits": events(lambda event: {"duration_ns": event["duration_ns"] % 2**32}),
                "a tenth too long": events(lambda event: {"duration_ns": event["duration_ns"] * 11 // 10}),
                "nothing": events(lambda event: {"duration_ns": 0}),
                "until Python looked": events(
                    lambda event: {"duration_ns": event["duration_ns"] + 3_000_000}
                ),
            },
        ),
    ),
)
