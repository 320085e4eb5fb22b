"""Exercise 1: what is sent, what the recorder must note of it, and whether a run can be used."""

from __future__ import annotations

import random

from grader.exercise import HostCpus, Recorder
from grader.observation import Observation
from grader.traffic import Step, TrafficPlan
from grader.truth.calls import ledger, ledger_sum, recording

STARTS = (53, 59, 61, 67, 71, 73, 79, 83, 89, 97)

# The calls that start programs, seen by both recorders, vouch for the starts, which one of them notes.
RECORDER = Recorder(syscalls=("execve",), whole_host=True, tasks=True)


def plan(rng: random.Random, cpus: HostCpus) -> TrafficPlan:
    """The doctor's look at the host, then prime numbers of program starts, and of forks that start none."""
    visitor = starts("visitor", rng.choice(STARTS), rng.choice(STARTS))
    return TrafficPlan(
        canary=starts("canary", 2),
        phases=((Step("doctor"),), (visitor,)),
    )


def starts(name: str, number: int, forks: int = 0) -> Step:
    """A process that starts so many programs, and only forks so often."""
    return Step("exec_caller", {"caller": name, "execs": number, "fail_execs": 0, "forks": forks})


# --- may this run be used? ---


def recorders_saw_the_starts(seen: Observation) -> str | None:
    """The recorders must have seen at least the starts that were ordered, and the doctor has looked."""
    sent = ledger_sum(ledger(seen, "exec_caller"), "execs")
    started = sum(task.kind == "exec" for task in recording(seen).tasks)
    for one in seen.recordings:
        called = sum(call.syscall == "execve" and call.ret == 0 for call in one.calls)
        if min(started, called) < sent:
            return f"{sent} programs were started; the recorders saw {started} starts and {called} calls"
    if not any(entry.detail["results"] for entry in ledger(seen, "doctor")):
        return "the doctor said nothing about the lab host"
    return None


EVIDENCE = (recorders_saw_the_starts,)
