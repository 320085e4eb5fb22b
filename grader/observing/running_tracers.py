"""The tracers that share one run: started, looked at and stopped together through the session."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

from grader.attempt import Attempt
from grader.host import Host
from grader.observation import BadReport, KernelFacts, Report, TracerRun
from grader.observing.patience import Patience
from grader.observing.session import Session
from grader.observing.together import together
from grader.onhost.contract.jail_kind import JailKind
from grader.onhost.contract.tracer_orders import (
    AskKernel,
    CountRuns,
    FindLeftBehind,
    Readiness,
    StartTracer,
    StopTracer,
    TracerStopped,
    WaitReady,
)
from grader.report.parse import LIMIT_BYTES, excerpt, parse
from grader.target import Target

T = TypeVar("T")

AGAIN = "-again"
"""Behind the name of a tracer that was started a second time."""

ATTACHED_BY_LOADING = ("tracing", "raw_tracepoint", "raw_tracepoint_writable", "lsm")
"""Kinds of programs whose attachment `bpftool perf show` does not always list."""


class RunningTracers:
    """Named t0, t1, ... on the host, in the order of the attempts."""

    def __init__(self, session: Session, attempts: Sequence[Attempt], limits: Patience) -> None:
        self.names = [f"t{number}" for number in range(len(attempts))]
        self.ended: set[str] = set()
        """Those of whom the host said last that they ended by themselves."""
        self._attempts = dict(zip(self.names, attempts, strict=True))
        self._session = session
        self._limits = limits
        self._started: dict[str, StartTracer] = {}

    def start(self, target: Target | None, stream: bool, kind: JailKind) -> None:
        """Start all of them; they compile at the same time. With `stream` the session tells their lines."""
        for name in self.names:
            self._start(name, target, stream, kind)

    def wait_ready(self, progress: Callable[[str], None]) -> list[str]:
        """Until each has said READY, has ended or was given up; the names of those that are ready.

        One that was still at work when it was given up is tried once more, when the others need nothing.
        """
        answers = self._each(lambda name: self._until_ready(name, 1), self.names)
        for number, name in enumerate(self.names):
            if answers[name].ended_by == "late":
                progress("a tracer takes very long to load: once more, with more patience")
                again = self.names[number] = f"{name}{AGAIN}"
                self._begin(replace(self._started[name], tracer=again))
                answers[again] = self._until_ready(again, 2)
        return [name for name in self.names if answers[name].ready and not answers[name].ended_by]

    def kernel_facts(self, names: Sequence[str]) -> Mapping[str, KernelFacts]:
        """What the kernel says now about these tracers."""
        if not names:
            return {}
        answer = self._session.order(AskKernel(tuple(names), timeout_s=self._limits.order_s))
        self.ended = set(answer.ended)
        return answer.facts

    def runs(self, names: Sequence[str]) -> dict[str, int]:
        """How often the programs of each have run in all."""
        answer = self._session.order(CountRuns(tuple(names), timeout_s=self._limits.order_s))
        self.ended = set(answer.ended)
        return {name: sum(counts.values()) for name, counts in answer.runs.items()}

    def stop(self) -> dict[str, TracerStopped]:
        """SIGINT to all that were started, at the same time; the session's answer for each."""
        return self._each(self._stop_one, [name for name in self.names if name in self._started])

    def left_behind(self) -> Mapping[str, tuple[str, ...]]:
        """After `stop`: what of each tracer is still in the kernel."""
        return self._session.order(FindLeftBehind(timeout_s=self._limits.order_s)).left_behind

    def _start(self, name: str, target: Target | None, stream: bool, kind: JailKind) -> None:
        environment = target.environment() if target else {}
        self._begin(StartTracer(name, self._attempts[name].files, kind, environment, stream))

    def _begin(self, order: StartTracer) -> None:
        self._session.order(order)
        self._started[order.tracer] = order

    def _until_ready(self, name: str, tries: int) -> Readiness:
        limits = self._limits.before_ready(tries)
        # The session ends the wait; ours is for one that says nothing any more.
        return self._session.order(WaitReady(name, limits, timeout_s=2 * limits.most_s))

    def _stop_one(self, name: str) -> TracerStopped:
        # The session ends the wait: a tracer that is at work has more time than its grace on a busy host.
        grace_s = self._limits.grace_s
        return self._session.order(StopTracer(name, grace_s, timeout_s=20 * grace_s))

    def _each(self, do: Callable[[str], T], names: Sequence[str]) -> dict[str, T]:
        return dict(zip(names, together([partial(do, name) for name in names], "lab-tracer"), strict=True))


def is_attached(facts: KernelFacts) -> bool:
    """Whether any program of the tracer can run at all."""
    return bool(facts.attachments) or any(one.kind in ATTACHED_BY_LOADING for one in facts.programs)


def tracer_run(stopped: TracerStopped, trace_pipe: str, interference: str) -> TracerRun:
    """How one tracer behaved. `interference`: what of ours it disturbed, in words; or nothing."""
    if stopped.refused:
        interference = f"your eBPF program was refused because of {', '.join(stopped.refused)}"
    run = replace(stopped.run, trace_pipe=trace_pipe)
    return replace(run, ended_by="interference", limit=interference) if interference else run


def report_of(stopped: TracerStopped, host: Host) -> Report | BadReport:
    """The report one tracer printed, fetched from the host."""
    shown = stopped.run.stdout_tail.encode()
    if stopped.output_exceeded:
        return BadReport("too_large", excerpt(shown[:200]))
    after, before = (
        host.read_file(printed.path, LIMIT_BYTES + 1) if printed.bytes else b""
        for printed in (stopped.after, stopped.before)
    )
    report = parse(after, before or shown)
    if isinstance(report, Report) and stopped.documents_before > 1:
        # Of the documents before SIGINT the host keeps the last.
        more = stopped.documents_before - 1
        return replace(report, documents_seen=report.documents_seen + more)
    return report
