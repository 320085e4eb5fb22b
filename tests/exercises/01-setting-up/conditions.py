"""Exercise 1: a run that was recorded, and runs as they are planned with several seeds."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

from grader.observation import Attachment, KernelFacts, Observation, ProgramFacts, RecordedCall, RecordedTask
from grader.truth.calls import ledger, ledger_sum, recording
from grader.written.observation_file import load
from tests.exercises.condition import Condition, Stated, Tracer, printing
from tests.exercises.simulated import MS, ROOT, entry, exercise, observation

SLUG = "01-setting-up"
PLACE = "sched_process_exec"
SOUND = {"name": "host kernel", "grade": "ok", "message": "6.12", "hint": ""}
FIRST_NS, BETWEEN_NS, SIGINT_NS, AFTER_NS = 2_000 * MS, 4_000 * MS, 5_000 * MS, 6_000 * MS
DOCTORS, LATER = 23, 3
"""What the doctor starts, and what tracers start between the lab's last look and SIGINT, and then."""


@cache
def recorded() -> Observation:
    """The solution's own run."""
    return load(ROOT / "solutions" / SLUG / "observation.json.gz")


@cache
def planned(seed: int) -> Observation:
    """A run as it is planned, through a program where it belongs."""
    plan = exercise(SLUG).plan(random.Random(seed), 2)
    steps = [plan.canary, *(step for phase in plan.phases for step in phase)]
    callers = [step.params for step in steps if step.kind == "exec_caller"]
    started = sum(params["execs"] for params in callers) + DOCTORS
    when = [("exec", FIRST_NS)] * started + [("tracers_exec", at) for at in (BETWEEN_NS, AFTER_NS)] * LATER
    # Who starts a program forks first; some only fork.
    forks = [RecordedTask("fork", FIRST_NS, 1, "visitor")] * (
        len(when) + sum(params["forks"] for params in callers)
    )
    tasks = [RecordedTask(kind, at_ns, number, "true") for number, (kind, at_ns) in enumerate(when)]
    calls = tuple(
        RecordedCall("execve", one.at_ns, one.at_ns + 1, 0, 0, one.pid, one.pid, "visitor", False)
        for one in tasks
    )
    lines = [entry("doctor", "the lab host", {"results": [SOUND]})]
    lines += [entry("exec_caller", params["caller"], dict(params)) for params in callers]
    seen = observation(SLUG, seed, calls, lines, SIGINT_NS, tasks=(*tasks, *forks))
    kernel = KernelFacts(
        programs=(ProgramFacts(57, "hello", "raw_tracepoint", started, 1, 0),),
        attachments=(Attachment(57, "raw_tracepoint", PLACE),),
        asked_ns=BETWEEN_NS - MS,
        answered_ns=BETWEEN_NS - MS,
    )
    return dataclasses.replace(seen, kernel=kernel)


def runs(seen: Observation, until_ns: int) -> int:
    """What the kernel had counted at a time, from what the lab read and when programs were started."""
    starts = [one.at_ns for one in recording(seen).tasks if one.kind in ("exec", "tracers_exec")]
    asked_ns, counted = seen.kernel.answered_ns, seen.kernel.programs[0].run_count
    since = sum(asked_ns < at_ns <= until_ns for at_ns in starts)
    return counted + since - sum(until_ns < at_ns <= asked_ns for at_ns in starts)


def document(seen: Observation, **wrong: Any) -> dict[str, Any]:
    """What a right tracer prints, with changes."""
    mine = seen.kernel.programs[0]
    right = {
        "program": {"id": mine.id, "name": mine.name},
        "attached_to": [PLACE],
        "runs": runs(seen, seen.tracer.sigint_ns),
    }
    return right | wrong


def tells(change: Callable[[Observation], Mapping[str, Any]]) -> Tracer:
    """A tracer that prints this instead."""
    return lambda seen: printing(document(seen, **change(seen)), seen)


def counts(number: Callable[[Observation], int]) -> Tracer:
    """A tracer that takes this for `runs`."""
    return tells(lambda seen: {"runs": number(seen)})


def program(**wrong: Any) -> Tracer:
    """A tracer that says this of its program."""
    return tells(lambda seen: {"program": {**document(seen)["program"], **wrong}})


STATED = Stated(
    SLUG,
    {"recorded": recorded, **{f"seed {seed}": partial(planned, seed) for seed in range(6)}},
    tells(lambda seen: {}),
    (
        Condition(
            "Load the same one again, and it gets another number.",
            {
                "another run's": program(id=7),
                "the next": tells(
                    lambda seen: {"program": {"id": seen.kernel.programs[0].id + 1, "name": "hello"}}
                ),
                "another name": program(name="hallo"),
            },
        ),
        Condition(
            "`attached_to`: the raw tracepoint, as bpftool tells it.",
            {
                "with its group": tells(lambda seen: {"attached_to": [f"sched:{PLACE}"]}),
                "the kind": tells(lambda seen: {"attached_to": ["raw_tracepoint"]}),
                "nothing": tells(lambda seen: {"attached_to": []}),
                "one more": tells(lambda seen: {"attached_to": [PLACE, "sys_enter"]}),
            },
        ),
        Condition(
            "`runs`: the lab started some programs; the machine's own are counted too.",
            {
                "the lab's alone": counts(lambda seen: ledger_sum(ledger(seen, "exec_caller"), "execs")),
                "twice": counts(lambda seen: 2 * runs(seen, seen.tracer.sigint_ns)),
                "forks": counts(lambda seen: sum(one.kind == "fork" for one in recording(seen).tasks)),
                "when it was ready": counts(lambda seen: runs(seen, seen.tracer.ready_ns)),
                "a second before the stop": counts(
                    lambda seen: runs(seen, seen.tracer.sigint_ns - 1_000_000_000 - MS)
                ),
                "a tenth too many": counts(lambda seen: runs(seen, seen.tracer.sigint_ns) * 11 // 10 + LATER),
            },
        ),
    ),
)
