"""The jail that a saved machine carries, for the exercise that most people check first."""

from __future__ import annotations

from collections.abc import Callable

from grader.host import Host
from grader.observe import start_ahead
from grader.observing.session import open_session
from lab import checkout
from workloads.discover import load_workload

IT_WAITS = """
until set -- /sys/fs/cgroup/system.slice/lab-tracer-*/cpu.stat && [ -e "$1" ]; do sleep 0.2; done
until before=$(head -n 1 "$1") && sleep 1 && [ "$before" = "$(head -n 1 "$1")" ]; do :; done
"""
"""It uses CPU time until it waits, and none from then on."""
WITHIN_S = 120


def leave_jail_ahead(host: Host, progress: Callable[[str], None]) -> None:
    """Returns when it waits. A host without one works as well, so one that is slow is not waited for long."""
    exercise = checkout.demo_exercise()
    target = load_workload(exercise.workload).up(host, progress)
    with open_session(host) as session:
        start_ahead(session, exercise, target)
    host.run(["timeout", str(WITHIN_S), "sh", "-c", IT_WAITS], timeout_s=WITHIN_S + 60, check=False)
