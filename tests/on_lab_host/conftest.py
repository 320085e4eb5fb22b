"""What tests on a lab host share: the host itself and a session on it."""

from __future__ import annotations

import base64
import contextlib
import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from grader.host import Host, HostToPrepare
from grader.observing import host_files
from grader.observing.session import Session, open_session
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
def cgroup_of_ours(host: Host) -> Iterator[dict[str, Any]]:
    """A cgroup made for a test, as `recorder_on` is told of a target."""
    host.run(["mkdir", "-p", CGROUP])
    inode = int(host.run(["stat", "-c", "%i", CGROUP]).stdout)
    yield {"cgroup_id": inode, "cgroup_level": 1, "cgroup_path": CGROUP}
    host.run(["rmdir", CGROUP])


LIMITS = {"asleep_s": 10, "cpu_s": 120, "times": 20, "most_s": 600}
"""Until READY."""


class Tracers:
    """Runs scripts as tracers in the jail."""

    def __init__(self, host: Host, session: Session) -> None:
        self._host = host
        self.session = session
        self._started = 0

    def start(self, script: str, **params: Any) -> str:
        """Start `script` as tracer.py; its name."""
        self._started += 1
        name = f"t{self._started}"
        files = {"tracer.py": base64.b64encode(script.encode()).decode()}
        self.session.order("start_tracer", tracer=name, files=files, **params)
        return name

    def ready(self, name: str, **limits: float) -> dict[str, Any]:
        return self.session.order("wait_ready", timeout_s=900, tracer=name, limits={**LIMITS, **limits})

    def stop(self, name: str, grace_s: float = 30) -> dict[str, Any]:
        """Its end, as the session tells it, and the report it printed as `document`."""
        answer = self.session.order("stop_tracer", timeout_s=120, tracer=name, grace_s=grace_s)
        text = self._host.read_file(answer["after_path"], 2**20)
        lines = [line for line in text.decode().splitlines() if line.startswith("{")]
        answer["document"] = json.loads(lines[-1]) if lines else None
        return answer

    def run(self, script: str, **params: Any) -> dict[str, Any]:
        """Start, wait for READY, stop."""
        name = self.start(script, **params)
        self.ready(name)
        return self.stop(name)

    def tried(self, *attempts: str, set_up: str = "", **params: Any) -> dict[str, str]:
        """What came of each Python expression when a tracer evaluated it: `done`, or the error's name."""
        answer = self.run(TRY.format(set_up=set_up, attempts=attempts), **params)
        assert answer["ended_by"] == "sigint", answer
        document: dict[str, str] = answer["document"]
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
