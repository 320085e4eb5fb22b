"""Exercise 2: each mistake is named by its check, and only what is right passes. No lab host needed."""

from __future__ import annotations

import ast
import dataclasses
import re
from collections import Counter
from typing import Any

import pytest

from grader.judge import judge
from grader.observation import KernelFacts, MapFacts, Observation, ProgramFacts, Report
from grader.verdict import Outcome
from lab.dev.rejected.tracers import rejected_tracers
from tests.exercises.simulated import (
    POINTS_SOMEWHERE,
    ROOT,
    attached_twice,
    callers_run,
    exercise,
    programs,
)

RUN = callers_run()
CALLS = RUN.recordings[0].calls
TASKS = RUN.recordings[0].tasks
RIGHT = Counter(one.comm for one in CALLS)
FORKS = Counter(one.comm for one in TASKS if one.kind == "fork")
GOOD = Counter(one.comm for one in CALLS if one.ret == 0)
ON_EXECVE = {("kprobe", "execve"): len(CALLS) + 5}
PER_CPU = programs(ON_EXECVE, (MapFacts(3, "counts", "percpu_hash", 1024, 9),))
FULL = programs(ON_EXECVE, (MapFacts(3, "counts", "hash", 2, 2),))
NO_MAP = programs(ON_EXECVE, ())
ARRAY = programs(ON_EXECVE, (MapFacts(3, "unused", "array", 1, None),))
UNUSED = programs(ON_EXECVE, (MapFacts(3, "unused", "hash", 1024, 1),))
LOG = programs(ON_EXECVE, (MapFacts(3, "log", "array", 4096, None), MapFacts(4, "next", "array", 1, None)))
FENTRY = KernelFacts(programs=(ProgramFacts(10, "kfunc__vmlinux__", "tracing", 999, 1, 0, (3,)),))
SHORT_LOG = programs(ON_EXECVE, (MapFacts(3, "log", "array", len(RIGHT) - 1, None),))


def seen(counts: dict[str, int], kernel: KernelFacts | None = None) -> Observation:
    """The run through a tracer that printed these."""
    report = Report({"counts": counts}, bytes=9)
    return dataclasses.replace(RUN, report=report, kernel=kernel or programs(ON_EXECVE))


def first_failure(observation: Observation) -> tuple[str, str]:
    """(check, cause) of the first check that failed."""
    verdict = judge(exercise("02-hello-world"), observation)
    assert verdict.outcome is Outcome.FAIL
    return next((one.name, one.cause) for one in verdict.checks if one.outcome is Outcome.FAIL)


def test_the_right_numbers_pass_and_other_programs_of_the_machine_do_no_harm() -> None:
    for counts in (dict(RIGHT), {**RIGHT, "dockerd": 3}):
        verdict = judge(exercise("02-hello-world"), seen(counts))
        assert verdict.outcome is Outcome.PASS, [one for one in verdict.checks if one.cause]


def cut(counts: dict[str, int], length: int) -> dict[str, int]:
    """As counted by the first characters of each name."""
    short: Counter[str] = Counter()
    for name, number in counts.items():
        short[name[:length]] += number
    return dict(short)


EARLIER = Counter(one.comm for one in callers_run(6).recordings[0].calls)
"""What a right tracer counted in another run, the canary too."""


def by_program() -> dict[str, int]:
    """The program's name where the call succeeded, the caller's where it failed."""
    return {"true": GOOD.total(), **(RIGHT - GOOD)}


MISTAKES: list[tuple[str, dict[str, int], KernelFacts | None, str, str]] = [
    ("forks too", dict(RIGHT + FORKS), None, "calls_of_each_caller", "forks_counted"),
    ("only forks", dict(FORKS), None, "calls_of_each_caller", "forks_instead_of_execs"),
    ("no failures", dict(GOOD), None, "calls_of_each_caller", "failed_execs_left_out"),
    ("program's name", by_program(), None, "calls_of_each_caller", "program_name_counted"),
    ("nothing", {}, None, "calls_of_each_caller", "count_zero"),
    ("map full", dict(RIGHT.most_common(2)), FULL, "calls_of_each_caller", "map_full"),
    (
        "one CPU",
        {name: (count + 1) // 2 for name, count in RIGHT.items()},
        PER_CPU,
        "calls_of_each_caller",
        "one_cpu",
    ),
    ("names of another run", {"coral-newt": 36}, None, "calls_of_each_caller", "callers_unknown"),
    ("another run", {**EARLIER, "python3": 6}, None, "calls_of_each_caller", "callers_unknown"),
    ("names cut short", cut(RIGHT, 11), None, "calls_of_each_caller", "names_cut"),
    ("no name at all", {"": RIGHT.total()}, None, "calls_of_each_caller", "callers_unknown"),
    ("no map", {"firefox": 3}, NO_MAP, "counted_in_the_kernel", "no_map"),
    ("trace pipe beside an array", dict(RIGHT), ARRAY, "counted_in_the_kernel", "trace_pipe_counted"),
    ("trace pipe, short array", dict(RIGHT), SHORT_LOG, "counted_in_the_kernel", "trace_pipe_counted"),
    ("trace pipe", dict(RIGHT), NO_MAP, "counted_in_the_kernel", "trace_pipe_counted"),
    ("no probe", dict(RIGHT), KernelFacts(), "kprobe_on_execve", "nothing_attached"),
    ("fentry", dict(RIGHT), FENTRY, "kprobe_on_execve", "fentry_instead"),
    (
        "other function",
        {},
        programs({("kprobe", "execveat"): 0}),
        "kprobe_on_execve",
        "wrong_function",
    ),
    (
        "return",
        by_program(),
        programs({("kretprobe", "execve"): 99}),
        "kprobe_on_execve",
        "return_instead_of_entry",
    ),
    (
        "tracepoint",
        dict(RIGHT),
        programs({("tracepoint", "sys_enter_execve"): 99}),
        "kprobe_on_execve",
        "not_a_kprobe",
    ),
]


@pytest.mark.parametrize(
    ("counts", "kernel", "check", "cause"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES]
)
def test_a_mistake_is_named(
    counts: dict[str, int], kernel: KernelFacts | None, check: str, cause: str
) -> None:
    assert first_failure(seen(counts, kernel)) == (check, cause)


CAUGHT = ("counted_in_the_kernel", "trace_pipe_counted")


def test_a_map_with_too_few_keys_only_counts_where_printed_lines_were_read() -> None:
    # Read and emptied at each look, and added up in Python.
    emptied = seen(dict(RIGHT), UNUSED)
    assert judge(exercise("02-hello-world"), emptied).outcome is Outcome.PASS
    # The exercise itself asks for a line.
    printed = dataclasses.replace(emptied.tracer, trace_pipe="otter-9 bpf_trace_printk: hello")
    hello = dataclasses.replace(emptied, tracer=printed)
    assert judge(exercise("02-hello-world"), hello).outcome is Outcome.PASS
    reading = dataclasses.replace(UNUSED, reads_trace_pipe=True)
    assert first_failure(seen(dict(RIGHT), reading)) == CAUGHT
    # The names may be counted in a map of another program, at the return.
    stash = MapFacts(3, "caller_of", "hash", 1024, 0)
    both = dataclasses.replace(reading, maps=(stash, MapFacts(4, "counts", "hash", 1024, 9)))
    assert judge(exercise("02-hello-world"), seen(dict(RIGHT), both)).outcome is Outcome.PASS
    # Who finds only one caller with a map of one key has another mistake.
    one = dict(RIGHT.most_common(1))
    assert first_failure(seen(one, reading))[0] == "calls_of_each_caller"


@pytest.mark.parametrize(
    "source",
    [
        'lines = Path("/sys/kernel/tracing/trace").read_text()',
        'lines = open(f"{FOLDER}/trace_pipe")',
        "task, *_ = bpf.trace_fields()",
        'subprocess.run("cat /sys/kernel/debug/tracing/trace", shell=True)',
    ],
)
def test_a_look_into_the_trace_buffer_is_seen_in_the_source(source: str) -> None:
    looked = dataclasses.replace(seen(dict(RIGHT), UNUSED), sources={"tracer.py": source})
    assert first_failure(looked) == CAUGHT
    enough = dataclasses.replace(looked, kernel=programs(ON_EXECVE))
    assert judge(exercise("02-hello-world"), enough).outcome is Outcome.PASS


@pytest.mark.parametrize("source", ["# not trace_pipe", '"""Not from the trace pipe."""', "not Python"])
def test_who_only_speaks_of_the_trace_buffer_does_not_read_it(source: str) -> None:
    sources = {"tracer.py": source, "tracer.bpf.c": "{", "old/tracer.py": 'open("trace_pipe")'}
    spoken = dataclasses.replace(seen(dict(RIGHT), UNUSED), sources=sources)
    assert judge(exercise("02-hello-world"), spoken).outcome is Outcome.PASS


def test_names_may_come_through_an_array_with_room_for_them_unless_printed_lines_are_read() -> None:
    assert judge(exercise("02-hello-world"), seen(dict(RIGHT), LOG)).outcome is Outcome.PASS
    assert first_failure(seen(dict(RIGHT), dataclasses.replace(LOG, reads_trace_pipe=True))) == CAUGHT


@pytest.mark.parametrize("length", range(1, 15))
def test_names_that_are_cut_anywhere_are_told_from_unknown_ones(length: int) -> None:
    for seed in range(20):
        run = callers_run(seed)
        right = Counter(one.comm for one in run.recordings[0].calls)
        report = Report({"counts": cut(right, length)}, bytes=9)
        short = dataclasses.replace(run, report=report, kernel=OFTEN)
        assert first_failure(short) == ("calls_of_each_caller", "names_cut")


def test_the_canary_alone_is_no_other_run() -> None:
    assert first_failure(seen({"canary": 1})) == ("calls_of_each_caller", "count_too_low")
    assert first_failure(seen({"canary": RIGHT["canary"]})) == ("calls_of_each_caller", "count_zero")


OFTEN = programs({("kprobe", "execve"): 10_000})
EXPECT = re.compile(r"# expect: calls_of_each_caller (\S+)")
ATTACKS = sorted(ROOT.glob("tests/attacks/*/*.py"))
TRACERS = {f"{path.parent.name}/{path.name}": path.read_text(encoding="utf-8") for path in ATTACKS}
TRACERS |= {one.name: one.files["tracer.py"].decode() for one in rejected_tracers(exercise("02-hello-world"))}


def written_down(source: str) -> Any:
    """The report of a tracer that has it in its source; None for one that measures, or has no `counts`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "report":
            try:
                document = ast.literal_eval(node.args[0])
            except ValueError:
                continue
            if "counts" in document:
                return document
    return None


CONSTANT = {name: document for name, source in TRACERS.items() if (document := written_down(source))}


@pytest.mark.parametrize("name", CONSTANT)
def test_numbers_that_are_written_down_fail_alike_whatever_the_seed_plans(name: str) -> None:
    expected = EXPECT.match(TRACERS[name])
    for seed in range(60):
        run = callers_run(seed)
        assert not CONSTANT[name]["counts"].keys() & {one.who for one in run.ledger}
        told = dataclasses.replace(run, report=Report(CONSTANT[name], bytes=9), kernel=OFTEN)
        if expected:
            assert first_failure(told) == ("calls_of_each_caller", expected[1])


def test_two_programs_on_execve_are_named() -> None:
    twice = attached_twice(programs(ON_EXECVE))
    assert first_failure(seen({name: 2 * count for name, count in RIGHT.items()}, twice)) == (
        "calls_of_each_caller",
        "attached_twice",
    )


def test_a_caller_that_only_forks_must_not_be_reported() -> None:
    (quiet,) = set(FORKS) - set(RIGHT)
    assert first_failure(seen({**RIGHT, quiet: 1})) == ("callers_that_only_fork", "forks_counted")


def where_to_look(observation: Observation) -> str:
    """The hint of the first check that failed."""
    verdict = judge(exercise("02-hello-world"), observation)
    return next(one.hint for one in verdict.checks if one.outcome is Outcome.FAIL)


@pytest.mark.parametrize(
    ("counts", "place"),
    [
        ({}, "TODO 4 (tracer.py)"),
        (dict(RIGHT - Counter(list(RIGHT))), "atomic_increment"),
        (dict(RIGHT + FORKS), "which line in tracer.py attaches to something besides execve"),
        (dict(GOOD), "on which condition"),
        (by_program(), "bpf_get_current_comm"),
    ],
    ids=["nothing", "one too few", "forks too", "no failures", "program's name"],
)
def test_the_numbers_decide_where_to_look(counts: dict[str, int], place: str) -> None:
    assert place in where_to_look(seen(counts))


@pytest.mark.parametrize(
    ("kind", "function", "place"),
    [
        ("kretprobe", "execve", "when it is entered"),
        ("kprobe", "execveat", 'get_syscall_fnname("...")'),
        ("tracepoint", "sys_enter_execve", "wants a kprobe"),
    ],
)
def test_each_wrong_place_has_a_hint_of_its_own(kind: str, function: str, place: str) -> None:
    assert place in where_to_look(seen(dict(RIGHT), programs({(kind, function): 99})))


@pytest.mark.parametrize("counts", [None, [1], {"otter": -1}, {"otter": "3"}, {"otter": 1.5}])
def test_a_report_without_whole_numbers_is_named(counts: Any) -> None:
    assert first_failure(seen(counts)) == ("report_readable", "report_field")


def test_a_recorder_that_missed_a_call_is_no_evidence() -> None:
    fewer = tuple(dataclasses.replace(one, calls=one.calls[:-1]) for one in RUN.recordings)
    verdict = judge(exercise("02-hello-world"), dataclasses.replace(seen(dict(RIGHT)), recordings=fewer))
    assert verdict.outcome is Outcome.ERROR


@pytest.mark.parametrize(
    ("counts", "kernel"), [row[1:3] for row in MISTAKES], ids=[row[0] for row in MISTAKES]
)
def test_every_hint_says_where_to_look(counts: dict[str, int], kernel: KernelFacts | None) -> None:
    assert POINTS_SOMEWHERE.search(where_to_look(seen(counts, kernel)))
