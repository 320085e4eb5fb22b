"""What the recorders cost the server: the same requests with them and without, window by window."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from grader.exercise import Exercise
from grader.host import Host
from grader.session import Session, open_session, recorder_on
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


@dataclass(frozen=True)
class RecorderTimes:
    """Added time per unit of traffic, as a share of the time without recorders."""

    middle: float
    low: float
    high: float
    windows: int

    def lines(self) -> list[str]:
        """For people."""
        return [
            f"recorders on against off (their programs detached), {self.windows} pairs of windows:"
            f" {self.middle:+.1%} (95%: {self.low:+.1%} to {self.high:+.1%}; aim: under 10%)"
        ]


def recorder_times(exercise: Exercise, pairs: int, progress: Callable[[str], None]) -> RecorderTimes:
    """Interleaved windows of the exercise's canary, each pair in a random order."""
    workload = load_workload(exercise.workload)
    rng = random.Random()
    shares = []
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
                        took_s[on] = window_s(drive, canary, UNITS_PER_WINDOW)
                    shares.append(took_s[True] / took_s[False] - 1)
                    progress(f"windows {number} of {pairs}: {shares[-1]:+.1%}")
            finally:
                host.run(FORGET, check=False)
                host.run(START)
    low, high = median_interval(shares)
    return RecorderTimes(sorted(shares)[len(shares) // 2], low, high, len(shares))


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
