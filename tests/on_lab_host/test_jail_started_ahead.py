"""A jail that was started ahead: used once, by an attempt it fits, and no different."""

from __future__ import annotations

from typing import Any

import pytest

from grader.host import Host
from grader.observing.session import open_session
from grader.onhost.contract.jail_kind import JailKind, Limits
from grader.onhost.contract.tracer_orders import CountRuns, StartAhead
from tests.on_lab_host.conftest import Tracers

pytestmark = pytest.mark.lab_host

KIND: dict[str, Any] = {"ahead": ("bcc",)}

LOOK = """
import sys
ahead = "bcc" in sys.modules
import json, os
from pathlib import Path
import lab_tracer
ITS_OWN = ("INVOCATION_ID", "SYSTEMD_EXEC_PID", "MEMORY_PRESSURE_WATCH")
lab_tracer.ready()
lab_tracer.wait_for_stop()
mounts = [line.split()[3:6] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
lab_tracer.report(dict(
    ahead=ahead, pid=os.getpid(), parent=os.getppid(), score=Path("/proc/self/oom_score_adj").read_text(),
    cgroup=Path("/proc/self/cgroup").read_text(), ids=[os.getuid(), os.getgid(), os.getgroups()],
    environ={name: value for name, value in os.environ.items() if name not in ITS_OWN},
    limits=Path("/proc/self/limits").read_text(),
    status=[line for line in Path("/proc/self/status").read_text().splitlines()
            if line.startswith(("Cap", "NoNewPrivs", "Seccomp", "Sig", "Umask", "Threads", "NSpid"))],
    files=sorted(os.listdir("/run/attempt")), run=sorted(os.listdir("/run")),
    fds=sorted(os.listdir("/proc/self/fd")),
    processes=sorted(name for name in os.listdir("/proc") if name.isdigit()),
    kinds=sorted({mount[1] + " " + mount[2].split(",")[0] for mount in mounts}),
))
"""


def spares(host: Host) -> set[str]:
    """The names of those that wait."""
    return set(host.run(["ls", "/run/lab/spares"], check=False).stdout.split())


def start_ahead(host: Host, **kind: Any) -> set[str]:
    """A session that ends in having the next jail started; those that wait then."""
    with open_session(host) as session:
        session.order(StartAhead(JailKind(**kind)))
    return spares(host)


def test_a_tracer_sees_no_difference(tracers: Tracers, lab_host: Host) -> None:
    environment = {"LAB_TARGET_PID": "7"}
    assert start_ahead(lab_host, needs=("network",)) == set()
    usual = tracers.run(LOOK, environment, **KIND).document
    (spare,) = start_ahead(lab_host, **KIND)
    with open_session(lab_host) as other:
        found = Tracers(lab_host, other).run(LOOK, environment, **KIND).document
    assert spare in found.pop("cgroup")
    assert spare not in usual.pop("cgroup")
    assert found == usual
    assert (found["ahead"], found["pid"], found["parent"]) == (True, 2, 1)
    assert found["environ"]["LAB_TARGET_PID"] == "7"


def test_a_spare_serves_one_attempt_and_no_other(tracers: Tracers, lab_host: Host) -> None:
    (spare,) = start_ahead(lab_host, **KIND)
    names = [tracers.start(LOOK, **KIND) for _ in range(2)]
    assert spares(lab_host) == set()
    assert all(tracers.ready(name).ready for name in names)
    documents = [tracers.stop(name).document for name in names]
    assert [spare in one["cgroup"] for one in documents] == [True, False]
    assert [one["pid"] for one in documents] == [2, 3]


@pytest.mark.parametrize("other", [{"ahead": ()}, {"limits": Limits(tasks=9)}, {"needs": ("uprobes",)}])
def test_an_attempt_of_another_kind_gets_a_jail_of_its_own(
    tracers: Tracers, lab_host: Host, other: dict[str, object]
) -> None:
    before = start_ahead(lab_host, **KIND)
    assert tracers.run(LOOK, **{**KIND, **other}).document["pid"] == 2
    assert spares(lab_host) == before


def test_a_spare_that_has_died_is_no_error(tracers: Tracers, lab_host: Host) -> None:
    (spare,) = start_ahead(lab_host, **KIND)
    unit = f"lab-tracer-{spare}.service"
    lab_host.run(["sh", "-c", KILLED.format(unit=unit, jail=f"/run/lab/jails/{spare}")])
    answer = tracers.run(LOOK, **KIND)
    assert answer.run.ended_by == "sigint"
    assert spare not in answer.document["cgroup"]
    assert spares(lab_host) == set()


KILLED = """
until systemctl is-active -q {unit}; do sleep 0.1; done
systemctl kill -s KILL {unit}
while [ -e /sys/fs/cgroup/system.slice/{unit} ]; do sleep 0.1; done
# Whoever started it may hold its door for a moment longer.
while grep -q {jail}/door /proc/net/unix; do sleep 0.1; done
"""


def test_a_host_keeps_one_spare_at_most(lab_host: Host) -> None:
    first = start_ahead(lab_host, **KIND)
    assert start_ahead(lab_host, **KIND) == first
    second = start_ahead(lab_host, ahead=())
    assert (len(first), len(second)) == (1, 1)
    assert first != second


def test_a_jail_ends_with_its_session_although_the_tracer_would_go_on(lab_host: Host) -> None:
    with open_session(lab_host) as session:
        tracers = Tracers(lab_host, session)
        name = tracers.start("import time\nprint('READY', flush=True)\nwhile True:\n    time.sleep(1)\n")
        assert tracers.ready(name).ready
        pids = session.order(CountRuns((name,))).pids[name]
        lab_host.run(["pkill", "-9", "-f", "-o", "onhost.session"])
        gone = f"for _ in $(seq 100); do [ -e /proc/{max(pids)} ] || exit 0; sleep 0.1; done; exit 1"
        assert lab_host.run(["sh", "-c", gone], check=False).exit_code == 0
