"""What the recorders cost the server: by the kernel's own account, and with them against without."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from grader.exercise import Exercise
from grader.host import Host
from grader.observing.session import Session, open_session, recorder_on
from grader.onhost.contract.recorder_orders import RecorderRead
from grader.target import Target
from grader.traffic import Drive, Step
from lab.dev.bench.spread import median_interval
from lab.hosts import open_host
from workloads.discover import load_workload

STOP = ("systemctl", "stop", "lab-recorder.socket", "lab-recorder.service")
START = ("systemctl", "start", "lab-recorder.socket")
# systemd refuses a service that was started many times within a minute until its counter is reset.
FORGET = ("systemctl", "reset-failed", "lab-recorder.socket", "lab-recorder.service")
UNITS_PER_WINDOW = 150
"""Seconds of traffic: in shorter windows one busy moment of the machine outweighs the recorders."""


CPU_TICKS_PER_S = 100
"""Of /proc/stat, on every Linux that we know."""
IDLE = slice(3, 5)
"""Idle and waiting for a disk, among a CPU's numbers there."""


@dataclass(frozen=True)
class Cost:
    """What the kernel counted in one window with recorders."""

    run_s: float
    """Inside the recorders' programs."""
    busy_s: float
    """CPU time of the whole lab host."""
    units: int
    """Of traffic."""

    @property
    def share(self) -> float:
        """Of the CPU time."""
        return self.run_s / self.busy_s


@dataclass(frozen=True)
class RecorderTimes:
    """Added time per unit of traffic, as a share of the time without recorders; and the kernel's account."""

    shares: tuple[float, ...]
    costs: tuple[Cost, ...]

    def lines(self) -> list[str]:
        """For people."""
        low, high = median_interval([one.share for one in self.costs])
        per_unit_us = median(one.run_s / one.units for one in self.costs) * 1e6
        on_off = median_interval(self.shares)
        return [
            f"inside the recorders' programs, by the kernel: {per_unit_us:.0f} us for each unit of traffic,"
            f" {median(one.share for one in self.costs):.2%} of the CPU time (95%: {low:.2%} to {high:.2%};"
            " aim: under 5%)",
            f"recorders on against off (their programs detached), {len(self.shares)} pairs of windows:"
            f" {median(self.shares):+.1%} (95%: {on_off[0]:+.1%} to {on_off[1]:+.1%})",
        ]


def recorder_times(exercise: Exercise, pairs: int, progress: Callable[[str], None]) -> RecorderTimes:
    """Interleaved windows of the exercise's canary, each pair in a random order."""
    workload = load_workload(exercise.workload)
    rng = random.Random()
    shares, costs = [], []
    with open_host("dev", progress) as host:
        target = workload.up(host, progress)
        canary = exercise.plan(random.Random(1), host.facts.cpus).canary
        with open_session(host) as session, workload.drive(host, target, session) as drive:
            try:
                for number in range(1, pairs + 1):
                    took_s = {}
                    for on in rng.sample((True, False), 2):
                        switch(host, session, exercise, target, on)
                        window_s(drive, canary, UNITS_PER_WINDOW // 5)  # touched again after the switch
                        if on:
                            recorder_on(session, exercise.recorder, target)  # counts from here
                        busy_s = cpu_busy_s(host)
                        took_s[on] = window_s(drive, canary, UNITS_PER_WINDOW)
                        busy_s = cpu_busy_s(host) - busy_s
                        if on:
                            costs.append(Cost(programs_s(session), busy_s, UNITS_PER_WINDOW))
                    shares.append(took_s[True] / took_s[False] - 1)
                    progress(f"windows {number} of {pairs}: {shares[-1]:+.1%}")
            finally:
                host.run(FORGET, check=False)
                host.run(START)
    return RecorderTimes(tuple(shares), tuple(costs))


def programs_s(session: Session) -> float:
    """Seconds that the kernel spent in the recorders' programs since they were switched on."""
    cost = session.order(RecorderRead()).cost
    return sum(one.run_ns for one in cost.values()) / 1e9


def cpu_busy_s(host: Host) -> float:
    """CPU time that the lab host has used since it started, all CPUs and everything on them."""
    first = host.run(["head", "-n", "1", "/proc/stat"]).stdout.split()[1:9]
    ticks = [int(one) for one in first]
    return (sum(ticks) - sum(ticks[IDLE])) / CPU_TICKS_PER_S


def switch(host: Host, session: Session, exercise: Exercise, target: Target | None, on: bool) -> None:
    """Recorders recording this exercise's calls, or gone from the kernel."""
    host.run(STOP)
    if not on:
        return
    host.run(FORGET, check=False)  # it says no when there is nothing to forget
    host.run(START)
    recorder_on(session, exercise.recorder, target)


def window_s(drive: Drive, unit: Step, times: int) -> float:
    """Seconds for so many units of traffic, one after the other."""
    begun_s = time.monotonic()
    for _ in range(times):
        drive.run(unit)
    return time.monotonic() - begun_s
