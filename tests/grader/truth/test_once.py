"""What follows from recordings is reckoned once for each run, and never taken for another run's."""

from __future__ import annotations

import dataclasses

import pytest

from grader.observation import Observation, Report
from grader.truth.calls import calls
from grader.truth.once import MOST_RUNS, once_a_run
from tests.grader.runs import READS, right_run, tracer_run

asked: list[Observation] = []


@once_a_run
def number_of_calls(seen: Observation, *syscalls: str, factor: int = 1) -> int:
    asked.append(seen)
    return factor * len(calls(seen, *syscalls).inside)


@pytest.fixture(autouse=True)
def nothing_asked() -> None:
    asked.clear()


def new_run(seed: int = 1) -> Observation:
    """A run whose recordings are its own."""
    first, second = right_run().recordings
    return right_run(seed=seed, recordings=(first, second))


def test_many_reports_on_one_run_ask_once() -> None:
    run = new_run()
    others = [dataclasses.replace(run, report=Report({"n": number}, bytes=9)) for number in range(5)]
    assert {number_of_calls(seen, "readv") for seen in (run, *others)} == {READS}
    assert len(asked) == 1


def test_another_question_has_another_answer() -> None:
    run = new_run()
    assert number_of_calls(run, "readv", factor=2) == 2 * number_of_calls(run, "readv") == 2 * READS
    assert number_of_calls(run) > READS


def test_another_window_has_another_answer() -> None:
    run = new_run()
    early = dataclasses.replace(run, tracer=tracer_run(sigint_ns=2_500_000_000))
    assert 0 < number_of_calls(early, "readv") < number_of_calls(run, "readv")


def test_changed_recordings_have_an_answer_of_their_own() -> None:
    run = new_run()
    first, second = run.recordings
    fewer = dataclasses.replace(first, calls=first.calls[1:])
    changed = dataclasses.replace(run, recordings=(fewer, second))
    assert number_of_calls(run, "readv") - number_of_calls(changed, "readv") == 1


def test_recordings_that_are_gone_lend_no_answer_to_those_that_take_their_place_in_memory() -> None:
    base = right_run().recordings[0]
    for left in range(60, 0, -1):
        shorter = dataclasses.replace(base, calls=base.calls[:left])
        assert number_of_calls(right_run(recordings=(shorter,))) == left
        asked.clear()


def test_only_a_few_runs_are_kept() -> None:
    runs = [new_run(number) for number in range(MOST_RUNS + 1)]
    for run in (*runs, runs[-1], runs[0]):
        number_of_calls(run)
    assert [run.seed for run in asked] == [*range(MOST_RUNS + 1), 0]


def test_an_error_is_no_answer() -> None:
    run, tries = new_run(), []

    @once_a_run
    def fails_at_first(seen: Observation) -> int:
        tries.append(seen)
        return 1 // (len(tries) - 1)

    with pytest.raises(ZeroDivisionError):
        fails_at_first(run)
    assert fails_at_first(run) == 1
