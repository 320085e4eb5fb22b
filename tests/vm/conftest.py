"""What tests on a lab host share: the host itself and a session on it."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from grader.host import Host, HostToPrepare
from grader.observation import KernelFacts, TracerRun
from grader.observing import host_files
from grader.observing.session import Session, open_session
from grader.onhost.contract.jail_kind import JailKind
from grader.onhost.contract.recorder_orders import RecordedTarget
from grader.onhost.contract.tracer_orders import (
    AskKernel,
    FindLeftBehind,
    Readiness,
    ReadyLimits,
    StartTracer,
    StopTracer,
    TracerStopped,
    WaitReady,
)
from lab import hosts


@pytest.fixture(scope="session")
def lab_host() -> Iterator[HostToPrepare]:
    """The lab host of whoever runs the tests, with this checkout's programs on it."""
    with hosts.open_host("dev test", lambda line: print(line, file=sys.stderr)) as host:
        host_files.install(host)
        yield host


@pytest.fixture
def session(lab_host: Host) -> Iterator[Session]:
    with open_session(lab_host) as opened:
        yield opened


CGROUP = "/sys/fs/cgroup/lab-test-target"


@contextlib.contextmanager
def cgroup_of_ours(host: Host) -> Iterator[RecordedTarget]:
    """A cgroup made for a test, as the recorder is told of a target."""
    host.run(["mkdir", "-p", CGROUP])
    inode = int(host.run(["stat", "-c", "%i", CGROUP]).stdout)
    yield RecordedTarget(inode, 1, CGROUP)
    host.run(["rmdir", CGROUP])


LIMITS = ReadyLimits(asleep_s=10, cpu_s=120, times=20, most_s=600)


@dataclass(frozen=True)
class Ended:
    """What a tracer's run came to."""

    stopped: TracerStopped
    document: Any
    """The report that it printed; None when it printed none."""

    @property
    def run(self) -> TracerRun:
        """How it behaved."""
        return self.stopped.run


class Tracers:
    """Runs scripts as tracers in the jail."""

    def __init__(self, host: Host, session: Session) -> None:
        self._host = host
        self.session = session
        self._started = 0

    def start(self, script: str, environment: Mapping[str, str] | None = None, **kind: Any) -> str:
        """Start `script` as tracer.py; its name. `kind`: fields of a JailKind."""
        self._started += 1
        name = f"t{self._started}"
        files = {"tracer.py": script.encode()}
        self.session.order(StartTracer(name, files, JailKind(**kind), environment or {}))
        return name

    def ready(self, name: str, **limits: float) -> Readiness:
        return self.session.order(WaitReady(name, replace(LIMITS, **limits), timeout_s=900))

    def stop(self, name: str, grace_s: float = 30) -> Ended:
        stopped = self.session.order(StopTracer(name, grace_s, timeout_s=120))
        text = self._host.read_file(stopped.after.path, 2**20)
        lines = [line for line in text.decode().splitlines() if line.startswith("{")]
        return Ended(stopped, json.loads(lines[-1]) if lines else None)

    def run(self, script: str, environment: Mapping[str, str] | None = None, **kind: Any) -> Ended:
        """Start, wait for READY, stop."""
        name = self.start(script, environment, **kind)
        self.ready(name)
        return self.stop(name)

    def facts(self, name: str) -> KernelFacts:
        """What the kernel says of it now."""
        return self.session.order(AskKernel((name,))).facts[name]

    def left_behind(self) -> Mapping[str, tuple[str, ...]]:
        """Of each, after all were stopped."""
        return self.session.order(FindLeftBehind()).left_behind

    def tried(self, *attempts: str, set_up: str = "", **kind: Any) -> dict[str, str]:
        """What came of each Python expression when a tracer evaluated it: `done`, or the error's name."""
        answer = self.run(TRY.format(set_up=set_up, attempts=attempts), **kind)
        assert answer.run.ended_by == "sigint", answer
        document: dict[str, str] = answer.document
        return document


TRY = """
import ctypes, os, socket, subprocess, sys
from pathlib import Path
import lab_tracer
{set_up}
came = dict()
for attempt in {attempts!r}:
    try:
        came[attempt] = "done " + repr(eval(attempt))[:200]
    except BaseException as error:
        came[attempt] = type(error).__name__
lab_tracer.ready()
lab_tracer.wait_for_stop()
lab_tracer.report(came)
"""


@pytest.fixture
def tracers(lab_host: Host, session: Session) -> Tracers:
    return Tracers(lab_host, session)
