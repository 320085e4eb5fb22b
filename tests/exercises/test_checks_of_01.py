"""Exercise 1: stale answers are told from those of this run. No lab host needed."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from grader.counts import Count
from grader.judge import judge
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
from grader.verdict import Outcome, Verdict
from tests.exercises.simulated import MS, entry, exercise, observation

SLUG = "01-setting-up"
SOUND = {"name": "host kernel", "grade": "ok", "message": "6.12", "hint": ""}
SMALL = {"name": "host memory", "grade": "bad", "message": "600 MiB", "hint": "lab up --host vm"}
STARTED, OTHERS, LATER = 61, 5, 3
RAN = STARTED + OTHERS


def run(*results: dict[str, str]) -> Observation:
    """A run in which the lab started 61 programs, others 5, and tracers 3 after the last look."""
    kinds = ["exec"] * RAN + ["tracers_exec"] * LATER
    tasks = tuple(
        RecordedTask(kind, 2_000 * MS + number, number, "true") for number, kind in enumerate(kinds)
    )
    ledger: list[LedgerEntry] = [
        entry("doctor", "the lab host", {"results": list(results)}),
        entry("exec_caller", "visitor", {"execs": STARTED}),
    ]
    calls = tuple(
        RecordedCall("execve", task.at_ns, task.at_ns + 1, 0, 0, task.pid, task.pid, "visitor", False)
        for task in tasks
    )
    return observation(SLUG, 17, calls, ledger, 5_000 * MS, tasks=tasks)


def kernel(place: str = "sched_process_exec", ran: int = RAN) -> KernelFacts:
    """One program, attached there."""
    return KernelFacts(
        programs=(ProgramFacts(57, "hello", "raw_tracepoint", ran, 1, 0),),
        attachments=(Attachment(57, "raw_tracepoint", place),),
    )


def right(**changes: Any) -> dict[str, Any]:
    """The report of a right tracer, with changes."""
    document = {
        "program": {"id": 57, "name": "hello"},
        "attached_to": ["sched_process_exec"],
        "runs": RAN,
    }
    return document | changes


def verdict(document: dict[str, Any], facts: KernelFacts | None = None, *results: dict[str, str]) -> Verdict:
    """What the exercise says to it."""
    seen = dataclasses.replace(
        run(*(results or (SOUND,))), report=Report(document, bytes=9), kernel=facts or kernel()
    )
    return judge(exercise(SLUG), seen)


@pytest.mark.parametrize("runs", [RAN, RAN + LATER])
def test_the_answers_of_this_run_pass_whether_or_not_the_last_starts_are_in_them(runs: int) -> None:
    told = verdict(right(runs=runs))
    assert told.outcome is Outcome.PASS, [one for one in told.checks if one.outcome is not Outcome.PASS]


@pytest.mark.parametrize(
    ("document", "facts", "check", "cause"),
    [
        (right(), KernelFacts(), "hello_is_attached", "nothing_attached"),
        (right(), kernel("sched_process_fork"), "hello_is_attached", "wrong_place"),
        (right(), kernel(ran=STARTED - 1), "it_runs", "missed_starts"),
        (right(program={"id": 56, "name": "hello"}), None, "program_of_this_run", "stale_program"),
        (right(attached_to=["sys_enter"]), None, "place_of_this_run", "place_wrong"),
        (right(attached_to=[]), None, "place_of_this_run", "place_wrong"),
        (right(runs=RAN - 1), None, "runs_of_this_run", "asked_too_early"),
        (right(runs=RAN + LATER + 1), None, "runs_of_this_run", "runs_wrong"),
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


def test_the_name_may_be_what_the_kernel_keeps_of_it() -> None:
    facts = kernel()
    long = dataclasses.replace(facts.programs[0], name="raw_tracepoint__sched_process_exec")
    document = right(program={"id": 57, "name": "raw_tracepoint_"})
    assert verdict(document, dataclasses.replace(facts, programs=(long,))).outcome is Outcome.PASS


def test_lab_run_shows_all_numbers_that_are_right() -> None:
    seen = dataclasses.replace(run(SOUND), report=Report(right(), bytes=9), kernel=kernel())
    told = exercise(SLUG).summary
    assert told is not None
    runs = told(seen)["runs"]
    assert isinstance(runs, Count)
    assert [runs.admits(number) for number in (RAN - 1, RAN, RAN + 1)] == [False, True, True]
