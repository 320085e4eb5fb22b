"""Written runs for the grader's tests: a small true one, and ways to change it."""

from __future__ import annotations

import dataclasses
from functools import cache
from pathlib import Path
from typing import Any

from grader.exercise import Check, Exercise, Recorder
from grader.judging.wording import worded
from grader.observation import (
    Attachment,
    KernelFacts,
    Observation,
    ProgramFacts,
    RecordedCall,
    Recording,
    Report,
    TracerRun,
)
from grader.traffic import LedgerEntry, Step, TrafficPlan
from grader.verdict import Finding
from vocabulary.host_facts import HostFacts

READY_NS = 1_000_000_000
SIGINT_NS = 100_000_000_000
MS = 1_000_000
READS = 211
WAITS_MS = (10, 25, 60, 150)
EACH = 130


def call(syscall: str = "readv", at_ms: float = 2_000, took_ms: float = 0.01, **changes: Any) -> RecordedCall:
    """One call of the target, `at_ms` after boot."""
    entry_ns = int(at_ms * MS)
    whole = RecordedCall(
        syscall, entry_ns, entry_ns + int(took_ms * MS), 311, 23, 501, 500, "tritonserver", True
    )
    return dataclasses.replace(whole, **changes)


def true_calls() -> tuple[RecordedCall, ...]:
    """211 reads, and 130 waits of each planted length, one after the other; one thread waits past the end."""
    reads = [call(at_ms=2_000 + 10 * number) for number in range(READS)]
    waits = []
    at_ms = 5_000.0
    for number in range(EACH * len(WAITS_MS)):
        long_ms = WAITS_MS[number % len(WAITS_MS)]
        waits.append(call("epoll_wait", at_ms, long_ms + 0.1, tid=502, fd=9, ret=1))
        at_ms += long_ms + 1
    asleep = call("epoll_wait", 99_000, tid=503, fd=9, ret=0, exit_ns=0)
    return (*reads, *waits, asleep)


def other_recorder(calls: tuple[RecordedCall, ...]) -> tuple[RecordedCall, ...]:
    """The same calls as the inner mechanism sees them: entered 2 us later, left 2 us earlier."""
    return tuple(
        dataclasses.replace(one, entry_ns=one.entry_ns + 2_000, exit_ns=one.exit_ns and one.exit_ns - 2_000)
        for one in calls
    )


def events(calls: tuple[RecordedCall, ...], factor: float = 1.0) -> list[dict[str, Any]]:
    """What a tracer reports about the calls that ended, its durations times `factor`."""
    return [
        {
            "tid": one.tid,
            "syscall": one.syscall,
            "ts_ns": one.entry_ns + 1_000,
            "duration_ns": int((one.duration_ns - 2_000) * factor),
        }
        for one in calls
        if one.exit_ns
    ]


def true_report() -> dict[str, Any]:
    """What a right tracer prints."""
    return {"counts": {"readv": READS, "epoll_wait": EACH * len(WAITS_MS)}, "events": events(true_calls())}


def kernel_facts(returns: int = 1000) -> KernelFacts:
    """Entry and return programs on readv, each run often enough."""
    return KernelFacts(
        programs=(
            ProgramFacts(7, "syscall__readv", "kprobe", 1000, 2_000_000, 0, (3,)),
            ProgramFacts(8, "return_readv", "kprobe", returns, 2_400_000, 0, (3,)),
        ),
        attachments=(
            Attachment(7, "kprobe", "__x64_sys_readv"),
            Attachment(8, "kretprobe", "__x64_sys_readv"),
        ),
    )


@cache
def _right_run() -> Observation:
    calls = true_calls()
    return Observation(
        exercise="04-kprobes",
        seed=17,
        attempt="0123456789abcdef",
        host=HostFacts("vm", "6.12.0-cloud-amd64", "tcg", 2),
        target=None,
        traffic_ran=True,
        ledger=tuple(LedgerEntry("http", "triton", True, at, at + 5, {"bytes": 311}) for at in range(READS)),
        recordings=(Recording("raw_tracepoint", calls), Recording("fentry", other_recorder(calls))),
        tracer=TracerRun(True, "sigint", 0, ready_ns=READY_NS, sigint_ns=SIGINT_NS),
        report=Report(true_report(), bytes=100),
        kernel=kernel_facts(),
        timings={"load": 6.5},
    )


def right_run(**changes: Any) -> Observation:
    """A run in which everything is right; any field may be changed. All share their recordings."""
    return dataclasses.replace(_right_run(), **changes)


def reporting(document: dict[str, Any], **changes: Any) -> Observation:
    """A right run whose tracer printed this."""
    return right_run(report=Report(document, bytes=10), **changes)


def tracer_run(**changes: Any) -> TracerRun:
    """A tracer's right behaviour, changed."""
    return dataclasses.replace(right_run().tracer, **changes)


def exercise(*checks: Check, **changes: Any) -> Exercise:
    """An exercise with these checks and nothing else."""
    plain = Exercise(
        folder=Path("exercises/04-kprobes"),
        number=4,
        slug="04-kprobes",
        title="Kprobes",
        goal="Trace.",
        minutes=30,
        workload="triton",
        starter_files=("tracer.py",),
        plan=lambda rng, cpus: TrafficPlan(Step("http"), ()),
        recorder=Recorder(("readv", "epoll_wait")),
        checks=checks,
    )
    return dataclasses.replace(plain, **changes)


def finding(check: Check, seen: Observation) -> Finding:
    """What one check says of a run, in words."""
    return worded(exercise(check), check, check.run(seen))
