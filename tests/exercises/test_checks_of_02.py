"""Exercise 2: each mistake is named by its check, and only what is right passes. No lab host needed."""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import Any

import pytest

from grader.judge import judge
from grader.observation import KernelFacts, MapFacts, Observation, Report
from grader.verdict import Outcome
from tests.exercises.simulated import POINTS_SOMEWHERE, attached_twice, callers_run, exercise, programs

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
    ("no map", {"firefox": 3}, NO_MAP, "counted_in_the_kernel", "no_map"),
    ("trace pipe beside an array", dict(RIGHT), ARRAY, "counted_in_the_kernel", "trace_pipe_counted"),
    ("trace pipe", dict(RIGHT), NO_MAP, "counted_in_the_kernel", "trace_pipe_counted"),
    ("no probe", dict(RIGHT), KernelFacts(), "kprobe_on_execve", "nothing_attached"),
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


def test_a_map_with_too_few_keys_only_counts_where_nothing_was_printed() -> None:
    emptied = seen(dict(RIGHT), UNUSED)
    assert judge(exercise("02-hello-world"), emptied).outcome is Outcome.PASS
    caught = ("counted_in_the_kernel", "trace_pipe_counted")
    printed = dataclasses.replace(emptied.tracer, trace_pipe="otter-9 bpf_trace_printk: hello")
    assert first_failure(dataclasses.replace(emptied, tracer=printed)) == caught
    reading = dataclasses.replace(UNUSED, reads_trace_pipe=True)
    assert first_failure(seen(dict(RIGHT), reading)) == caught
    # The names may be counted in a map of another program, at the return.
    stash = MapFacts(3, "caller_of", "hash", 1024, 0)
    both = dataclasses.replace(reading, maps=(stash, MapFacts(4, "counts", "hash", 1024, 9)))
    assert judge(exercise("02-hello-world"), seen(dict(RIGHT), both)).outcome is Outcome.PASS
    # Who finds only one caller with a map of one key has another mistake.
    one = dict(RIGHT.most_common(1))
    assert first_failure(seen(one, reading))[0] == "calls_of_each_caller"


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
