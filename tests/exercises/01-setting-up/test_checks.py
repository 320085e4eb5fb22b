"""Exercise 1: stale answers are told from those of this run. No lab host needed."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from grader.judge import Again, again, judge
from grader.observation import (
    Attachment,
    KernelFacts,
    Observation,
    ProgramFacts,
    RecordedCall,
    RecordedTask,
    Report,
)
from grader.traffic import LedgerEntry
from grader.truth.counts import Count
from grader.verdict import Outcome, Verdict
from tests.exercises.simulated import MS, entry, exercise, observation

SLUG = "01-setting-up"
SOUND = {"name": "host kernel", "grade": "ok", "message": "6.12", "hint": ""}
SMALL = {"name": "host memory", "grade": "bad", "message": "600 MiB", "hint": "lab up --host vm"}
STARTED, OTHERS = 61, 5
RAN = STARTED + OTHERS
"""When the lab looked, at ASKED_NS."""
BETWEEN, LATER = 2, 3
"""More starts from then to SIGINT, and from SIGINT on."""
ASKED_NS, SIGINT_NS = 3_000 * MS, 5_000 * MS


def run(*results: dict[str, str]) -> Observation:
    """A run in which the lab started 61 programs, others 5, and tracers 5 after the lab's last look."""
    times_ns = [2_000 * MS] * RAN + [ASKED_NS + MS] * BETWEEN + [SIGINT_NS + MS] * LATER
    kinds = ["exec"] * RAN + ["tracers_exec"] * (BETWEEN + LATER)
    tasks = tuple(
        RecordedTask(kind, at_ns, number, "true")
        for number, (kind, at_ns) in enumerate(zip(kinds, times_ns, strict=True))
    )
    ledger: list[LedgerEntry] = [
        entry("doctor", "the lab host", {"results": list(results)}),
        entry("exec_caller", "visitor", {"execs": STARTED}),
    ]
    calls = tuple(
        RecordedCall("execve", task.at_ns, task.at_ns + 1, 0, 0, task.pid, task.pid, "visitor", False)
        for task in tasks
    )
    return observation(SLUG, 17, calls, ledger, SIGINT_NS, tasks=tasks)


def kernel(place: str = "sched_process_exec", ran: int = RAN) -> KernelFacts:
    """One program, attached there."""
    return KernelFacts(
        programs=(ProgramFacts(57, "hello", "raw_tracepoint", ran, 1, 0),),
        attachments=(Attachment(57, "raw_tracepoint", place),),
        asked_ns=ASKED_NS,
        answered_ns=ASKED_NS,
    )


def tracing() -> KernelFacts:
    """An fentry program: `bpftool perf show` names no place of it."""
    return KernelFacts(programs=(ProgramFacts(57, "hello", "tracing", RAN, 1, 0),))


def of_kind(kind: str, place: str = "sched_process_exec") -> KernelFacts:
    """One program, attached to another kind of place."""
    return dataclasses.replace(kernel(), attachments=(Attachment(57, kind, place),))


def two_there() -> KernelFacts:
    """Two programs at the tracepoint, the second attached later."""
    second = ProgramFacts(58, "hello2", "raw_tracepoint", RAN - 2, 1, 0)
    place = Attachment(58, "raw_tracepoint", "sched_process_exec")
    one = kernel()
    return dataclasses.replace(one, programs=(*one.programs, second), attachments=(*one.attachments, place))


def right(**changes: Any) -> dict[str, Any]:
    """The report of a right tracer, with changes."""
    document = {
        "program": {"id": 57, "name": "hello"},
        "attached_to": ["sched_process_exec"],
        "runs": RAN + BETWEEN,
    }
    return document | changes


def verdict(document: dict[str, Any], facts: KernelFacts | None = None, *results: dict[str, str]) -> Verdict:
    """What the exercise says to it."""
    seen = dataclasses.replace(
        run(*(results or (SOUND,))), report=Report(document, bytes=9), kernel=facts or kernel()
    )
    return judge(exercise(SLUG), seen)


@pytest.mark.parametrize("runs", [RAN + BETWEEN, RAN + BETWEEN + LATER])
def test_the_answers_of_this_run_pass_whether_or_not_the_last_starts_are_in_them(runs: int) -> None:
    told = verdict(right(runs=runs))
    assert told.outcome is Outcome.PASS, [one for one in told.checks if one.outcome is not Outcome.PASS]


@pytest.mark.parametrize(
    ("document", "facts", "check", "cause"),
    [
        (right(), KernelFacts(), "hello_is_attached", "nothing_attached"),
        (right(), kernel("sched_process_fork"), "hello_is_attached", "wrong_place"),
        (right(), tracing(), "hello_is_attached", "fentry_instead"),
        (right(), of_kind("tracepoint"), "hello_is_attached", "not_a_raw_tracepoint"),
        (right(), of_kind("kprobe", "__x64_sys_execve"), "hello_is_attached", "not_a_raw_tracepoint"),
        (right(program={"id": 57, "name": "hallo"}), None, "program_of_this_run", "wrong_name"),
        (right(program={"id": 57, "name": ""}), None, "program_of_this_run", "wrong_name"),
        (
            right(attached_to=["sched_process_exec", "sys_enter"]),
            None,
            "place_of_this_run",
            "more_places",
        ),
        (right(program={"id": 59, "name": "hello"}), two_there(), "program_of_this_run", "stale_program"),
        (right(), kernel(ran=STARTED - 1), "it_runs", "missed_starts"),
        (right(program={"id": 56, "name": "hello"}), None, "program_of_this_run", "stale_program"),
        (right(attached_to=["sys_enter"]), None, "place_of_this_run", "place_wrong"),
        (right(attached_to=[]), None, "place_of_this_run", "place_wrong"),
        (right(runs=RAN + BETWEEN - 1), None, "runs_of_this_run", "asked_too_early"),
        (right(runs=0), None, "runs_of_this_run", "asked_too_early"),
        (right(runs=RAN + BETWEEN + LATER + 1), None, "runs_of_this_run", "runs_wrong"),
        (right(runs="many"), None, "report_readable", "report_field"),
        ({}, None, "report_readable", "report_field"),
    ],
)
def test_what_is_wrong_is_named(
    document: dict[str, Any], facts: KernelFacts | None, check: str, cause: str
) -> None:
    told = verdict(document, facts)
    assert told.outcome is Outcome.FAIL
    assert next((one.name, one.cause) for one in told.checks if one.outcome is Outcome.FAIL) == (check, cause)


def test_a_host_that_lacks_something_fails_with_the_doctors_words_and_hint() -> None:
    told = verdict(right(), None, SOUND, SMALL)
    (failed,) = (one for one in told.checks if one.outcome is Outcome.FAIL)
    assert (failed.name, failed.cause, failed.hint) == ("host_is_sound", "host_not_sound", "lab up --host vm")
    assert "600 MiB" in failed.message


def test_starts_that_a_recorder_missed_are_no_evidence() -> None:
    seen = dataclasses.replace(run(SOUND), report=Report(right(), bytes=9), kernel=kernel())
    first, second = seen.recordings
    less = dataclasses.replace(second, calls=second.calls[: STARTED - 1])
    assert judge(exercise(SLUG), seen).outcome is Outcome.PASS
    assert judge(exercise(SLUG), dataclasses.replace(seen, recordings=(first, less))).outcome is Outcome.ERROR


def test_a_run_in_which_the_doctor_said_nothing_is_no_evidence() -> None:
    seen = dataclasses.replace(run(), report=Report(right(), bytes=9), kernel=kernel())
    assert judge(exercise(SLUG), seen).outcome is Outcome.ERROR


@pytest.mark.parametrize(
    "name", ["raw_tracepoint__sched_process_exec", "raw_tracepoint_", "sched_process_e", "sched_process_exec"]
)
def test_the_name_may_be_what_bcc_tells_the_kernel_and_the_kernel_keeps_of_it(name: str) -> None:
    facts = kernel()
    long = dataclasses.replace(facts.programs[0], name="raw_tracepoint__sched_process_exec")
    document = right(program={"id": 57, "name": name})
    assert verdict(document, dataclasses.replace(facts, programs=(long,))).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("number", "name", "runs"), [(57, "hello", RAN + BETWEEN), (58, "hello2", RAN - 2 + BETWEEN)]
)
def test_of_two_programs_at_the_tracepoint_either_may_be_reported(number: int, name: str, runs: int) -> None:
    document = right(program={"id": number, "name": name}, runs=runs)
    assert verdict(document, two_there()).outcome is Outcome.PASS


def test_all_places_where_something_is_attached_may_be_reported() -> None:
    facts = kernel()
    more = (*facts.attachments, Attachment(57, "raw_tracepoint", "sched_process_exit"))
    document = right(attached_to=["sched_process_exit", "sched_process_exec"])
    assert verdict(document, dataclasses.replace(facts, attachments=more)).outcome is Outcome.PASS


def test_a_tracepoint_of_the_right_name_is_not_compared_letter_by_letter() -> None:
    told = verdict(right(), of_kind("tracepoint"))
    (failed,) = (one for one in told.checks if one.outcome is Outcome.FAIL)
    assert "raw tracepoint" in failed.message
    assert "letter" not in failed.hint


def test_what_attaches_after_ready_fails_and_is_not_tried_again() -> None:
    late = dataclasses.replace(
        run(SOUND), report=Report(right(), bytes=9), kernel=kernel(), ledger=(), traffic_ran=False
    )
    told = judge(exercise(SLUG), late)
    assert told.outcome is Outcome.FAIL
    assert {one.cause for one in told.checks if one.outcome is Outcome.FAIL} == {"attached_after_ready"}
    assert again(told) is Again.NO


def test_lab_run_shows_all_numbers_that_are_right() -> None:
    seen = dataclasses.replace(run(SOUND), report=Report(right(), bytes=9), kernel=kernel())
    told = exercise(SLUG).summary
    assert told is not None
    runs = told(seen)["runs"]
    assert isinstance(runs, Count)
    assert [runs.admits(number) for number in (RAN + 1, RAN + 2, RAN + 5, RAN + 6)] == [
        False,
        True,
        True,
        False,
    ]


def test_a_number_that_is_too_low_is_told_with_its_moment_and_both_mistakes() -> None:
    told = verdict(right(runs=RAN + BETWEEN - 1))
    (failed,) = (one for one in told.checks if one.outcome is Outcome.FAIL)
    assert "2.0 s before the stop" in failed.hint
    assert "after wait_for_stop()" in failed.hint and "as it is" in failed.hint


def test_starts_before_the_lab_looked_do_not_widen_what_is_right() -> None:
    """They are in what the kernel had counted by then, or the program was not there yet."""
    seen = dataclasses.replace(run(SOUND), report=Report(right(runs=RAN + BETWEEN + LATER + 1), bytes=9))
    early = tuple(RecordedTask("exec", 1_000 * MS, number, "mount") for number in range(40))
    first, second = (dataclasses.replace(one, tasks=(*early, *one.tasks)) for one in seen.recordings)
    told = judge(exercise(SLUG), dataclasses.replace(seen, recordings=(first, second), kernel=kernel()))
    (failed,) = (one for one in told.checks if one.outcome is Outcome.FAIL)
    assert (failed.name, failed.cause) == ("runs_of_this_run", "runs_wrong")
