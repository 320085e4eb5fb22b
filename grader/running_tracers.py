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
from grader.patience import Patience
from grader.report import LIMIT_BYTES, excerpt, parse
from grader.session import Session
from grader.target import Target
from grader.together import together

ATTACHED_BY_LOADING = ("tracing", "raw_tracepoint", "raw_tracepoint_writable", "lsm")
"""Kinds of programs whose attachment `bpftool perf show` does not always list."""


class RunningTracers:
    """Named t0, t1, ... on the host, in the order of the attempts."""

    def __init__(self, session: Session, attempts: Sequence[Attempt], limits: Patience) -> None:
        self.names = [f"t{number}" for number in range(len(attempts))]
        self._attempts = dict(zip(self.names, attempts, strict=True))
        self._session = session
        self._limits = limits

    def start(self, target: Target | None, stream: bool, needs: Sequence[str] = ()) -> None:
        """Start all of them; they compile at the same time. With `stream` the session tells their lines.

        `needs` are what the exercise asks for beyond the ordinary jail.
        """
        binary = target.binary_path if target else ""
        for name, attempt in self._attempts.items():
            self._session.order(
                "start_tracer",
                tracer=name,
                files={path: base64.b64encode(content).decode() for path, content in attempt.files.items()},
                environment=target.environment() if target else {},
                # Visible in the jail although container roots are not; "-": no mistake when it is not there.
                readable=[f"-{binary}:{target.jailed_binary}"] if target and binary else [],
                needs=list(needs),
                stream=stream,
            )

    def wait_ready(self) -> list[str]:
        """Until each has said READY or has ended; the names of those that are ready."""
        limit_s = self._limits.ready_of(len(self.names))
        answers = self._each(
            lambda name: self._session.order("wait_ready", timeout_s=limit_s, tracer=name), self.names
        )
        return [name for name, answer in answers.items() if answer["ready"] and not answer["ended_by"]]

    def kernel_facts(self, names: Sequence[str]) -> dict[str, KernelFacts]:
        """What the kernel says now about these tracers."""
        if not names:
            return {}
        answer = self._session.order("kernel_facts", timeout_s=self._limits.order_s, tracers=list(names))
        return {name: kernel_facts(found) for name, found in answer["facts"].items()}

    def runs(self, names: Sequence[str]) -> dict[str, int]:
        """How often the programs of each have run in all."""
        answer = self._session.order("run_counts", timeout_s=self._limits.order_s, tracers=list(names))
        return {name: sum(counts.values()) for name, counts in answer["runs"].items()}

    def stop(self) -> dict[str, dict[str, Any]]:
        """SIGINT to all at the same time; the session's answer for each."""
        return self._each(self._stop_one, self.names)

    def left_behind(self) -> dict[str, tuple[str, ...]]:
        """After `stop`: what of each tracer is still in the kernel."""
        answer = self._session.order("left_behind", timeout_s=self._limits.order_s)
        return {name: tuple(left) for name, left in answer["left_behind"].items()}

    def _stop_one(self, name: str) -> dict[str, Any]:
        return self._session.order(
            "stop_tracer", timeout_s=self._limits.grace_s + 60, tracer=name, grace_s=self._limits.grace_s
        )

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
