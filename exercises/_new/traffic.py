"""Exercise @NUMBER@: what is sent, what the recorder must note of it, and whether a run can be used."""

from __future__ import annotations

import random

from grader.exercise import HostCpus, Recorder
from grader.observation import Observation
from grader.traffic import Step, TrafficPlan
from grader.truth.calls import calls, ledger, ledger_sum
from grader.truth.counts import Count

NAMES = ("otter", "finch", "gecko", "heron", "ibis", "koala")
# Prime, and all different: a number that is twice or half another's shows.
EXECS = (19, 23, 29, 31, 37, 41)
FAILS = (7, 11, 13, 17)

RECORDER = Recorder(syscalls=("execve",), whole_host=True)


def plan(rng: random.Random, cpus: HostCpus) -> TrafficPlan:
    """Two callers with names and numbers of the seed, at the same time."""
    names, execs, fails = rng.sample(NAMES, 2), rng.sample(EXECS, 2), rng.sample(FAILS, 2)
    steps = tuple(caller(*one) for one in zip(names, execs, fails, strict=True))
    return TrafficPlan(canary=caller("canary", 2, 0), phases=(steps,))


def caller(name: str, execs: int, fail_execs: int) -> Step:
    """A process of this name that calls execve so often."""
    return Step("exec_caller", {"caller": name, "execs": execs, "fail_execs": fail_execs, "forks": 0})


def truth(seen: Observation) -> dict[str, Count]:
    """How often each planted caller called execve, as the recorder saw it."""
    recorded = calls(seen, "execve", everywhere=True).count_by(lambda call: call.comm)
    names = dict.fromkeys(unit.who for unit in ledger(seen, "exec_caller"))
    return {name: recorded.get(name, Count(0)) for name in names}


# --- may this run be used? ---


def recorder_saw_what_was_sent(seen: Observation) -> str | None:
    """The recorder's counts must be the ledger's."""
    for name, count in truth(seen).items():
        units = ledger(seen, "exec_caller", name)
        sent = ledger_sum(units, "execs") + ledger_sum(units, "fail_execs")
        if not count.admits(sent):
            return f"{name} made {sent} calls of execve, and the recorder saw {count}"
    return None


EVIDENCE = (recorder_saw_what_was_sent,)
