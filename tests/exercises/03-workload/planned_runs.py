"""Exercise 3's runs: the server as it was recorded, the helper as it is planned with several seeds."""

from __future__ import annotations

import dataclasses
import random
from functools import cache

from grader.observation import Observation, RecordedCall
from grader.truth.calls import ledger
from grader.written.observation_file import load
from tests.exercises.simulated import ROOT, exercise

SLUG = "03-workload"
ERRORS = {"_failing": -11, "_refused": -22, "_ended": 0}
SYSCALLS = ("recvfrom", "recvmsg", "sendmsg", "sendto", "readv", "writev", "read", "write")
Call = RecordedCall


@cache
def recorded() -> Observation:
    """The solution's own run."""
    return load(ROOT / "solutions" / SLUG / "observation.json.gz")


@cache
def planned(seed: int) -> Observation:
    """The same, with another helper."""
    (old,) = ledger(recorded(), "target_calls")
    plan = exercise(SLUG).plan(random.Random(seed), 2)
    (step,) = (step for phase in plan.phases for step in phase if step.kind == "target_calls")
    pid, made = old.detail["pid"], step.params["calls"]
    first = min(call.entry_ns for call in recorded().recordings[0].calls if call.pid == pid)
    helpers = [
        one_call(name, first + number, pid)
        for number, name in enumerate(sorted(made))
        for _ in range(made[name])
    ]
    ledgers = [unit for unit in recorded().ledger if unit is not old]
    recordings = tuple(
        dataclasses.replace(one, calls=(*(call for call in one.calls if call.pid != pid), *helpers))
        for one in recorded().recordings
    )
    unit = dataclasses.replace(old, detail={"calls": made, "pid": pid})
    return dataclasses.replace(recorded(), recordings=recordings, ledger=(*ledgers, unit))


def one_call(name: str, at_ns: int, pid: int) -> Call:
    """One call of the helper, as the recorder sees it."""
    kind, _, syscall = exercise_rows()[name].partition(".")
    ret = next((ret for end, ret in ERRORS.items() if name.endswith(end)), 8 if kind == "eventfd" else 1)
    port = 40_000 if syscall == "sendto" and kind == "other" else 0
    seen_as = "inet" if port else kind
    return Call(syscall, at_ns, at_ns + 900, ret, 5, pid, pid, "python3", True, seen_as, port)


@cache
def exercise_rows() -> dict[str, str]:
    """What the helper calls -> its row, told by its name."""
    made = ledger(recorded(), "target_calls")[0].detail["calls"]
    return {name: f"{kind_of(name)}.{next(one for one in SYSCALLS if name.startswith(one))}" for name in made}


def kind_of(name: str) -> str:
    """On what the helper makes this call."""
    told = next((kind for kind in ("eventfd", "pipe", "unix") if kind in name), "")
    return told or ("unix" if name.startswith("recv") else "other")
