"""Exercise 2: what is sent, what the recorder must note of it, and whether a run can be used."""

from __future__ import annotations

import random

from grader.exercise import HostCpus, Numbers, Recorder
from grader.observation import Observation
from grader.traffic import Step, TrafficPlan
from grader.truth.calls import calls, ledger, ledger_sum
from grader.truth.counts import Count

PROGRAM = "true"
"""Name of the program that the planted callers start."""
CANARY = "canary"
# Five letters each, and no two begin with the same one, nor with the canary's: a name that is cut short is
# still the beginning of one caller's name only.
TOUCH = ("amber", "brisk", "dusty", "eager", "faint", "green", "hasty", "ivory", "jolly", "lucky")
ANIMAL = ("otter", "finch", "gecko", "heron", "ibis", "koala", "lemur", "moose", "newt", "quail")
# Nine letters: with a touch and a dash 15, which is all that the kernel keeps of a name. Who keeps less
# loses the end of such a name.
LONG_ANIMAL = (
    *("albatross", "alligator", "armadillo", "chameleon", "cormorant"),
    *("crocodile", "dragonfly", "orangutan", "partridge", "porcupine"),
)

# Prime, and all different: a number that is twice or half another's, or the sum of two, shows.
EXECS = (19, 23, 29, 31, 37, 41, 43)
FAILS = (7, 11, 13, 17)
FORKS = (47, 53, 59, 61)
NOISE_LINES = 211

RECORDER = Recorder(syscalls=("execve",), whole_host=True, tasks=True)


def plan(rng: random.Random, cpus: HostCpus) -> TrafficPlan:
    """Four callers with names and numbers of the seed, two at a time, and a busy trace pipe.

    One only starts programs, one does everything, under as long a name as there can be, one only fails, one
    only forks.
    """
    animals = [rng.choice(LONG_ANIMAL), *rng.sample(ANIMAL, 3)]
    names = [f"{touch}-{animal}" for touch, animal in zip(rng.sample(TOUCH, 4), animals, strict=True)]
    execs, fails, forks = rng.sample(EXECS, 2), rng.sample(FAILS, 2), rng.sample(FORKS, 2)
    everything = caller(names[0], execs[0], fails[0], forks[0])
    only_starts = caller(names[1], execs[1], 0, 0)
    only_fails = caller(names[2], 0, fails[1], 0)
    only_forks = caller(names[3], 0, 0, forks[1])
    noise = Step("trace_pipe_noise", {"lines": NOISE_LINES})
    return TrafficPlan(
        canary=caller(CANARY, 2, 0, 0),
        phases=((everything, only_forks, noise), (only_starts, only_fails, noise)),
    )


def caller(name: str, execs: int, fail_execs: int, forks: int) -> Step:
    """A process of this name that does these."""
    return Step("exec_caller", {"caller": name, "execs": execs, "fail_execs": fail_execs, "forks": forks})


def planted(seen: Observation, *details: str) -> list[str]:
    """Names of the callers that were asked to do any of `details`."""
    names = dict.fromkeys(unit.who for unit in ledger(seen, "exec_caller"))
    return [
        name
        for name in names
        if any(ledger_sum(ledger(seen, "exec_caller", name), detail) for detail in details)
    ]


def truth(seen: Observation) -> dict[str, Count]:
    """How often each planted caller called execve, as the recorder saw it."""
    recorded = calls(seen, "execve", everywhere=True).count_by(lambda call: call.comm)
    return {name: recorded.get(name, Count(0)) for name in planted(seen, "execs", "fail_execs")}


# --- may this run be used? ---


def recorder_saw_what_was_sent(seen: Observation) -> str | None:
    """The recorder's counts must be the ledger's."""
    for name, count in truth(seen).items():
        sent = ledger_sum(ledger(seen, "exec_caller", name), "execs")
        sent += ledger_sum(ledger(seen, "exec_caller", name), "fail_execs")
        if not count.admits(sent):
            return f"{name} made {sent} calls of execve, and the recorder saw {count}"
    return None


EVIDENCE = (recorder_saw_what_was_sent,)

# --- for the mistakes ---


def as_report(numbers: dict[str, int]) -> Numbers:
    """Keyed as in the report; who was never counted is not in it."""
    return {f"counts.{name}": number for name, number in numbers.items() if number}
