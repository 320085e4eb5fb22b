"""A small right run of an exercise with one check, and the verdict on a wrong one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from grader.exercise import Exercise, Recorder
from grader.observation import (
    KernelFacts,
    Observation,
    RecordedCall,
    Recording,
    Report,
    TracerRun,
)
from grader.traffic import LedgerEntry, Step, TrafficPlan
from grader.verdict import Finding, Outcome, ProbeCost, Verdict
from vocabulary.host_facts import HostFacts

HOST = HostFacts("vm", "6.12.0", "tcg", 2)
MS = 1_000_000


def recorded_call(number: int, duration_ns: int) -> RecordedCall:
    at = (number + 1) * 500 * MS
    return RecordedCall("epoll_wait", at, at + duration_ns, 1, 9, 77, 70, "server", True)


DURATIONS = [10 * MS] * 5 + [150 * MS] * 2
CALLS = tuple(recorded_call(number, value) for number, value in enumerate(DURATIONS))


def event(call: RecordedCall, factor: float = 1.0) -> dict[str, object]:
    """What a tracer reports of a call, its duration times `factor`."""
    return {
        "syscall": call.syscall,
        "tid": call.tid,
        "ts_ns": call.entry_ns,
        "duration_ns": int(call.duration_ns * factor),
    }


def observation(document: dict[str, object]) -> Observation:
    """The run of a tracer that printed this."""
    return Observation(
        exercise="04-kprobes",
        seed=1,
        attempt="abc",
        host=HOST,
        target=None,
        traffic_ran=True,
        ledger=(),
        recordings=(Recording("raw_tracepoint", CALLS),),
        tracer=TracerRun(ready=True, ended_by="sigint", exit_code=0, ready_ns=1, sigint_ns=10**12),
        report=Report(document, 100),
        kernel=KernelFacts(),
    )


EXERCISE = Exercise(
    folder=Path("04-kprobes"),
    number=4,
    slug="04-kprobes",
    title="Kprobes",
    goal="",
    minutes=30,
    workload="none",
    starter_files=("tracer.py",),
    plan=lambda _random, _cpus: TrafficPlan(Step("none"), ()),
    recorder=Recorder(("epoll_wait",)),
    checks=(),
    summary=lambda _seen: {"counts.epoll_wait.calls": 7.0, "counts.readv.calls": 3.0},
)

RIGHT = observation({"counts": {"epoll_wait": {"calls": 7}}, "events": [event(call) for call in CALLS]})

SENT = replace(
    RIGHT,
    ledger=(LedgerEntry("http", "server", True, 1, 2),),
    recordings=(RIGHT.recordings[0], replace(RIGHT.recordings[0], mechanism="fentry")),
)
"""The same with all that makes a run evidence."""

VERDICT = Verdict(
    exercise="04-kprobes",
    outcome=Outcome.FAIL,
    checks=(Finding("counts", "Counts are exact.", Outcome.FAIL, message="sent <7>", hint="lab hint 4"),),
    cost=(ProbeCost("return_epoll_wait", 7, 1200.0),),
    host=HOST,
    seed=1,
)
