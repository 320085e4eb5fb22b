"""The tracers that share one run: started, looked at and stopped together through the session."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from grader.attempt import Attempt
from grader.host import Host
from grader.observation import (
    Attachment,
    BadReport,
    FrameCount,
    KernelFacts,
    LinkFacts,
    MapFacts,
    ProgramFacts,
    Report,
    TracerRun,
)
from grader.observing.patience import Patience
from grader.observing.session import Session
from grader.observing.together import together
from grader.report.parse import LIMIT_BYTES, excerpt, parse
from grader.target import Target

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
        self._how: dict[str, Any] = {}
        self._started: set[str] = set()

    def start(self, target: Target | None, stream: bool, jail: Mapping[str, Any]) -> None:
        """Start all of them; they compile at the same time. With `stream` the session tells their lines.

        `jail` is what `jail_kind` says.
        """
        self._how = {"environment": target.environment() if target else {}, "stream": stream, **jail}
        for name in self.names:
            self._start(name)

    def wait_ready(self, progress: Callable[[str], None]) -> list[str]:
        """Until each has said READY, has ended or was given up; the names of those that are ready.

        One that was still at work when it was given up is tried once more, when the others need nothing.
        """
        answers = self._each(lambda name: self._until_ready(name, 1), self.names)
        for number, name in enumerate(self.names):
            if answers[name]["ended_by"] == "late":
                progress("a tracer takes very long to load: once more, with more patience")
                again = self.names[number] = f"{name}{AGAIN}"
                self._attempts[again] = self._attempts[name]
                self._start(again)
                answers[again] = self._until_ready(again, 2)
        return [name for name in self.names if answers[name]["ready"] and not answers[name]["ended_by"]]

    def kernel_facts(self, names: Sequence[str]) -> dict[str, KernelFacts]:
        """What the kernel says now about these tracers."""
        if not names:
            return {}
        answer = self._session.order("kernel_facts", timeout_s=self._limits.order_s, tracers=list(names))
        self.ended = set(answer.get("ended", ()))
        return {name: kernel_facts(found) for name, found in answer["facts"].items()}

    def runs(self, names: Sequence[str]) -> dict[str, int]:
        """How often the programs of each have run in all."""
        answer = self._session.order("run_counts", timeout_s=self._limits.order_s, tracers=list(names))
        self.ended = set(answer.get("ended", ()))
        return {name: sum(counts.values()) for name, counts in answer["runs"].items()}

    def stop(self) -> dict[str, dict[str, Any]]:
        """SIGINT to all that were started, at the same time; the session's answer for each."""
        return self._each(self._stop_one, [name for name in self.names if name in self._started])

    def left_behind(self) -> dict[str, tuple[str, ...]]:
        """After `stop`: what of each tracer is still in the kernel."""
        answer = self._session.order("left_behind", timeout_s=self._limits.order_s)
        return {name: tuple(left) for name, left in answer["left_behind"].items()}

    def _start(self, name: str) -> None:
        files = {
            path: base64.b64encode(content).decode() for path, content in self._attempts[name].files.items()
        }
        self._session.order("start_tracer", tracer=name, files=files, **self._how)
        self._started.add(name)

    def _until_ready(self, name: str, tries: int) -> dict[str, Any]:
        limits = self._limits.before_ready(tries)
        # The session ends the wait; ours is for one that says nothing any more.
        return self._session.order("wait_ready", timeout_s=2 * limits["most_s"], tracer=name, limits=limits)

    def _stop_one(self, name: str) -> dict[str, Any]:
        # The session ends the wait: a tracer that is at work has more time than its grace on a busy host.
        grace_s = self._limits.grace_s
        return self._session.order("stop_tracer", timeout_s=20 * grace_s, tracer=name, grace_s=grace_s)

    def _each(self, do: Callable[[str], dict[str, Any]], names: Sequence[str]) -> dict[str, dict[str, Any]]:
        return dict(zip(names, together([partial(do, name) for name in names], "lab-tracer"), strict=True))


def is_attached(facts: KernelFacts) -> bool:
    """Whether any program of the tracer can run at all."""
    return bool(facts.attachments) or any(one.kind in ATTACHED_BY_LOADING for one in facts.programs)


def kernel_facts(found: Mapping[str, Any]) -> KernelFacts:
    """The session's plain data as facts."""
    return KernelFacts(
        programs=tuple(
            ProgramFacts(**{**one, "map_ids": tuple(one["map_ids"])}) for one in found["programs"]
        ),
        attachments=tuple(Attachment(**one) for one in found["attachments"]),
        maps=tuple(MapFacts(**one) for one in found["maps"]),
        reads_trace_pipe=found["reads_trace_pipe"],
        link=link_facts(found["link"]) if found.get("link") else None,
        asked_ns=found.get("asked_ns", 0),
        answered_ns=found.get("answered_ns", 0),
    )


def link_facts(found: Mapping[str, Any]) -> LinkFacts:
    """The session's plain data about an interface as facts."""
    arrived = {kind: FrameCount(**count) for kind, count in found["arrived"].items()}
    return LinkFacts(**{**found, "arrived": arrived})


def tracer_run(answer: Mapping[str, Any], trace_pipe: str, interference: str) -> TracerRun:
    """How one tracer behaved, from the session's answer to `stop_tracer`."""
    if answer.get("refused"):
        interference = f"your eBPF program was refused because of {', '.join(answer['refused'])}"
    return TracerRun(
        ready=answer["ready"],
        ended_by="interference" if interference else answer["ended_by"],
        exit_code=answer["exit_code"],
        limit=interference or answer["limit"],
        ready_ns=answer["ready_ns"],
        sigint_ns=answer["sigint_ns"],
        stdout_tail=answer["stdout_tail"],
        stderr_tail=answer["stderr_tail"],
        trace_pipe=trace_pipe,
        stuck_at=answer.get("stuck_at", ""),
        cpu_s=answer.get("cpu_s", 0.0),
        refusal=answer.get("refusal", ""),
    )


def report_of(answer: Mapping[str, Any], host: Host) -> Report | BadReport:
    """The report one tracer printed, fetched from the host."""
    if answer["output_exceeded"]:
        return BadReport("too_large", excerpt(answer["stdout_tail"].encode()[:200]))
    after, before = (
        host.read_file(answer[f"{when}_path"], LIMIT_BYTES + 1) if answer[f"{when}_bytes"] else b""
        for when in ("after", "before")
    )
    report = parse(after, before or answer["stdout_tail"].encode())
    if isinstance(report, Report) and answer["documents_before"] > 1:
        # Of the documents before SIGINT the host keeps the last.
        more = answer["documents_before"] - 1
        return dataclasses.replace(report, documents_seen=report.documents_seen + more)
    return report
