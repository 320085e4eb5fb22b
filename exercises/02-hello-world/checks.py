"""Exercise 2: what is sent, and what must be true of a tracer that counts execve by caller."""

from __future__ import annotations

import ast
import random
from pathlib import PurePosixPath

from grader.checks import (
    Place,
    attached,
    clean_exit,
    failed,
    how_often,
    kprobe,
    loaded,
    named,
    needs,
    passed,
    ran,
    ready,
    report_readable,
)
from grader.checks.making import likeliest
from grader.checks.maps import full_maps, losses, map_full
from grader.checks.own_tracing import beside_tracer, own_tracing
from grader.exercise import Check, Expected, HostCpus, Numbers, Recorder
from grader.observation import MapFacts, Observation
from grader.report.fields import Fields, report_fields
from grader.traffic import Step, TrafficPlan
from grader.truth.calls import calls, ledger, ledger_sum, recording, tasks
from grader.truth.counts import Count, compare_table
from grader.verdict import Finding

EXECVE = kprobe("execve")
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

BUFFER_FILES = ("trace", "trace_pipe", "trace_pipe_raw")
BUFFER_READERS = ("trace_print", "trace_fields", "trace_readline", "trace_open")
"""BCC's."""

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


def due(seen: Observation) -> dict[Place, Count]:
    """How often the tracer's program had to run at least. Not more: the lab itself starts programs too."""
    return {EXECVE: sum(truth(seen).values(), Count(0))}


def read_report(report: Fields) -> dict[str, int]:
    """Name of the caller -> number of calls."""
    return report.counts("counts")


def counted(seen: Observation) -> Finding:
    """your numbers come from your probe, through a map"""
    mine = [one.program_id for one in seen.kernel.attachments if EXECVE.is_at(one)]
    used = {number for one in seen.kernel.programs if one.id in mine for number in one.map_ids}
    known = read_report(report_fields(seen)).keys() & truth(seen).keys()
    reading = reads_trace_buffer(seen)
    roomy = [one for one in seen.kernel.maps if has_room(one, len(truth(seen)), reading)]
    # Who reads printed lines may have counted those: a map with fewer keys than the report has callers is
    # not where they were counted. Without that it may have been emptied, and added up in Python.
    enough = not reading or any(one.entries is None or one.entries >= len(known) for one in roomy)
    if enough and any(one.id in used for one in roomy):
        return passed("your program on execve uses a map")
    # Without a map, most names of this run can only come from what the programs printed; one may be chance.
    if 2 * len(known) > len(truth(seen)):
        return failed(
            "your report has the callers' names, and no map of your program has: you counted printed lines",
            cause="trace_pipe_counted",
            hint="others read that pipe too, and lines get lost: count in `counts` (TODO 3, tracer.bpf.c)",
        )
    return failed(
        "your program on execve writes no map with names, so the numbers in your report are not its own",
        cause="no_map",
        hint="in tracer.bpf.c it counts in the map `counts` (TODO 3), and tracer.py reads that (TODO 4)",
    )


def has_room(one: MapFacts, callers: int, reading: bool) -> bool:
    """Whether names of so many callers can have come through this map.

    In an array with an entry for each they can, but nobody sees whether they did: of a tracer that reads
    printed lines as well it proves nothing.
    """
    if one.kind not in ("array", "percpu_array"):
        return True
    return not reading and one.max_entries >= callers


def reads_trace_buffer(seen: Observation) -> bool:
    """Whether the tracer reads what programs printed. That lines were printed says nothing: TODO 2 asks
    for one.
    """
    return seen.kernel.reads_trace_pipe or any(map(reads_buffer_in, beside_tracer(seen)))


def reads_buffer_in(source: str) -> bool:
    """Whether this Python file names the trace buffer's files, or BCC's functions that read them.

    The pipe can be seen open in the kernel; a look at `trace`, which is not taken away by reading, cannot.
    """
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except (SyntaxError, ValueError):
        return False
    texts = [one.value for one in nodes if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    called = [one.attr for one in nodes if isinstance(one, ast.Attribute)]
    return any(PurePosixPath(text).name in BUFFER_FILES for text in texts) or any(
        name in BUFFER_READERS for name in called
    )


def calls_of_each_caller(seen: Observation) -> Finding:
    """each caller's calls of execve are counted, those that failed too"""
    expected, got = truth(seen), read_report(report_fields(seen))
    cause, hint = likely(seen, expected, got)
    return compare_table(
        {name: got.get(name, 0) for name in expected},
        expected,
        unit="calls",
        cause=cause,
        hint=hint or "each run of count_exec (TODO 3) adds 1, by atomic_increment, under its caller's name",
    )


def likely(seen: Observation, expected: dict[str, Count], got: dict[str, int]) -> tuple[str, str]:
    """The mistake that the kernel's own facts show: (cause, hint); empty when they show none."""
    often = how_often(seen, EXECVE)
    if often > 1 and all(
        often * count.inside <= got.get(name, 0) <= often * count.high for name, count in expected.items()
    ):
        return (
            "attached_twice",
            f"{often} of your programs are at execve, and each counts: which line in tracer.py is too many?",
        )
    full = full_maps(seen)
    if full and any(got.get(name, 0) == 0 for name in expected):
        return map_full(full[0])
    if own := what_python_did(expected, got):
        return own
    short = cut_short(expected, got)
    if short:
        return (
            "names_cut",
            f"your report has {short!r}, which is only the beginning of a caller's name: how many characters"
            " fit into `struct caller_t` (tracer.bpf.c), and does counts() (tracer.py) keep all of them?",
        )
    if from_another_run(seen, expected, got):
        return (
            "callers_unknown",
            "but for the canary, your report names no caller of this run: either the names are not from this"
            " run's map, read after the stop, or counts() in tracer.py changes them",
        )
    if not got:
        return "", "your report is empty: is TODO 3 (tracer.bpf.c) counting, and TODO 4 (tracer.py) reading?"
    known = {name: number for name, number in got.items() if name in expected}
    return likeliest(losses(seen, expected, known))


def what_python_did(expected: dict[str, Count], got: dict[str, int]) -> tuple[str, str] | None:
    """A mistake that the report alone shows, whatever the map held: (cause, hint)."""
    missing = {name for name in expected if name not in got}
    if missing and all(f"b'{name}'" in got for name in missing):
        return (
            "names_as_bytes",
            "the names are bytes, printed as b'...': counts() in tracer.py must decode them",
        )
    if missing and all(any(name in longer for longer in got) for name in missing):
        return (
            "names_changed",
            "something was put around the callers' names: what does counts() in tracer.py add?",
        )
    if not missing and all(got[name] == 1 for name in expected):
        hint = "each caller has 1: is it set to 1 where 1 should be added, in tracer.bpf.c, or in tracer.py?"
        return "set_to_one", hint
    return None


def cut_short(expected: dict[str, Count], got: dict[str, int]) -> str:
    """A name in the report that is only the beginning of a caller's, when that explains all that are missing;
    empty when not.
    """
    missing = [name for name in expected if not got.get(name)]
    # No name at all is the beginning of every name, and another mistake.
    begun = [one for one, number in got.items() if one and number]
    found = [[one for one in begun if name.startswith(one)] for name in missing]
    return found[0][0] if found and all(found) else ""


def from_another_run(seen: Observation, expected: dict[str, Count], got: dict[str, int]) -> bool:
    """Whether the report has names that nobody had here, and none of this run's callers.

    The canary and the lab's own programs are in every run, so they say nothing.
    """
    callers = {*expected, *planted(seen, "forks"), PROGRAM} - {CANARY}
    here = {call.comm for call in recording(seen).calls} | {CANARY}
    return bool(got.keys() - here) and not got.keys() & callers


@needs("calls_of_each_caller")
def callers_that_only_fork(seen: Observation) -> Finding:
    """a caller that only forks is not in your report"""
    got = read_report(report_fields(seen))
    quiet = [name for name in planted(seen, "forks") if name not in truth(seen)]
    if not any(got.get(name) for name in quiet):
        return passed("callers that only forked are not in your report")
    return compare_table(
        {name: got.get(name, 0) for name in quiet},
        {name: Count(0) for name in quiet},
        unit="calls",
        cause="forks_counted",
        hint="which line in tracer.py attaches to something besides execve? A fork is no call of it",
    )


CHECKS: tuple[Check, ...] = (
    loaded,
    ready,
    own_tracing,
    attached(EXECVE, name="kprobe_on_execve", title="a kprobe of yours is on the entry of execve"),
    clean_exit,
    report_readable(read_report),
    named("counted_in_the_kernel", "your numbers come from your probe, through a map", counted),
    ran(EXECVE, truth=due),
    calls_of_each_caller,
    callers_that_only_fork,
)


# --- evidence ---


def recorder_saw_what_was_sent(seen: Observation) -> str | None:
    """The recorder's counts must be the ledger's."""
    for name, count in truth(seen).items():
        sent = ledger_sum(ledger(seen, "exec_caller", name), "execs")
        sent += ledger_sum(ledger(seen, "exec_caller", name), "fail_execs")
        if not count.admits(sent):
            return f"{name} made {sent} calls of execve, and the recorder saw {count}"
    return None


EVIDENCE = (recorder_saw_what_was_sent,)


# --- misconceptions ---


def forks_counted(seen: Observation) -> Numbers:
    """a fork is counted like a call of execve

    which line in tracer.py attaches to something besides execve? A process that forks has started no program
    """
    forks = tasks(seen, "fork")
    numbers = {name: count.inside for name, count in truth(seen).items()}
    for name in planted(seen, "execs", "fail_execs", "forks"):
        numbers[name] = numbers.get(name, 0) + forks.get(name, Count(0)).inside
    return as_report(numbers)


def forks_instead(seen: Observation) -> Numbers:
    """forks are counted, and not the calls of execve

    look at the lines in tracer.py that attach: which function gets the program that counts?
    """
    forks = tasks(seen, "fork")
    return as_report({name: forks.get(name, Count(0)).inside for name in planted(seen, "execs", "forks")})


def failed_execs_left_out(seen: Observation) -> Numbers:
    """only the calls that succeeded are counted

    where in tracer.bpf.c is 1 added, and on which condition? At the entry every call counts, however it ends
    """
    good = calls(seen, "execve", everywhere=True).where(lambda call: call.ret == 0)
    by_name = good.count_by(lambda call: call.comm)
    return as_report({name: by_name.get(name, Count(0)).inside for name in truth(seen)})


def program_name_counted(seen: Observation) -> Numbers:
    """the name is asked for after the call, when the new program has taken the caller's place

    where in tracer.bpf.c is bpf_get_current_comm called? Only at the entry is the caller still there
    """
    bad = calls(seen, "execve", everywhere=True).where(lambda call: call.ret != 0)
    by_name = bad.count_by(lambda call: call.comm)
    numbers = {name: by_name.get(name, Count(0)).inside for name in truth(seen)}
    return as_report({**numbers, PROGRAM: tasks(seen, "exec").get(PROGRAM, Count(0)).inside})


def as_report(numbers: dict[str, int]) -> Numbers:
    """Keyed as in the report; who was never counted is not in it."""
    return {f"counts.{name}": number for name, number in numbers.items() if number}


MISCONCEPTIONS = {
    "forks_counted": forks_counted,
    "forks_instead_of_execs": forks_instead,
    "failed_execs_left_out": failed_execs_left_out,
    "program_name_counted": program_name_counted,
}


def summary(seen: Observation) -> Expected:
    """What `lab run` shows as really sent."""
    return {f"counts.{name}": count for name, count in truth(seen).items() if count.inside}
