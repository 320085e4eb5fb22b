"""When a run is made again, and when it is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from grader.exercise import Check, Exercise
from grader.found import Found, failed, passed, undecided, why
from grader.observation import Observation
from grader.sentences import Sentence
from grader.traffic import LedgerEntry
from grader.trouble import Kind, Trouble
from grader.verdict import Outcome
from lab.settle import MOST_RUNS, Settled, settle
from tests.lab.small_run import EXERCISE, SENT

BUSY = replace(SENT, troubles=(Trouble("no answer to quiet within 60 s", Kind.BUSY),))
STOPPED = replace(SENT, troubles=(Trouble("the recorder stopped"),))
UNANSWERED = replace(SENT, ledger=(LedgerEntry("http", "server", False, 1, 2),))
NO_FUNCTION = "the recorder refused: /server has no function handle"
BROKEN = replace(SENT, troubles=(*STOPPED.troubles, Trouble(NO_FUNCTION, Kind.BROKEN)))


def run(
    exercise: Exercise, *seen: Observation, seed: int | None = None
) -> tuple[Settled, list[int], list[str]]:
    """Settle over these observations; also the seeds asked for and what was said."""
    seeds: list[int] = []
    said: list[str] = []

    def observe(with_seed: int) -> Observation:
        seeds.append(with_seed)
        return replace(seen[len(seeds) - 1], seed=with_seed)

    return settle(exercise, observe, said.append, seed), seeds, said


def checking(*findings: Found, pooled: Found | None = None) -> Exercise:
    """An exercise with one check that finds these, one run after the other."""
    left = list(findings)

    def pool(_runs: Sequence[Observation]) -> Found:
        assert pooled is not None
        return pooled

    words, both = {"x": Sentence(message="no")}, pool if pooled else None
    check = Check("counts", "counts are exact", lambda _seen: left.pop(0), words, pooled=both)
    return replace(EXERCISE, checks=(check,))


def test_a_valid_run_is_judged_once() -> None:
    settled, seeds, said = run(checking(passed()), SENT)
    assert settled.verdict.outcome is Outcome.PASS
    assert len(seeds) == 1
    assert said == []


def test_a_wrong_answer_on_a_valid_run_is_never_retried() -> None:
    settled, seeds, _ = run(checking(failed(why("x"))), SENT)
    assert settled.verdict.outcome is Outcome.FAIL
    assert len(seeds) == 1


def test_a_run_that_is_no_evidence_is_made_again_with_another_seed() -> None:
    settled, seeds, said = run(checking(passed()), BUSY, SENT)
    assert settled.verdict.outcome is Outcome.PASS
    assert len(set(seeds)) == 2
    assert "no answer to quiet" in said[0]


def test_after_five_runs_without_evidence_it_says_that_the_machine_is_too_busy() -> None:
    settled, seeds, _ = run(checking(passed()), *[BUSY] * MOST_RUNS)
    assert settled.verdict.outcome is Outcome.ERROR
    assert len(seeds) == MOST_RUNS
    assert "too busy to tell" in settled.verdict.checks[0].message
    assert settled.verdict.checks[0].hint == "close what keeps the machine busy, then: lab check 4"


def test_what_is_broken_is_said_after_one_run_and_is_not_called_busy() -> None:
    settled, seeds, said = run(checking(passed()), BROKEN)
    (finding,) = settled.verdict.checks
    assert (len(seeds), said) == (1, [])
    assert (finding.outcome, finding.cause) == (Outcome.ERROR, "lab_broken")
    assert NO_FUNCTION in finding.message
    assert "busy" not in finding.message + finding.hint
    assert finding.hint.startswith("lab logs")


def test_what_fails_twice_in_the_same_words_is_not_tried_a_third_time_and_not_called_busy() -> None:
    settled, seeds, _ = run(checking(passed()), STOPPED, STOPPED)
    (finding,) = settled.verdict.checks
    assert len(seeds) == 2
    assert finding.message == "2 runs in a row could not be used; the last time: the recorder stopped"
    assert finding.hint == "read what lab logs shows, then: lab check 4"


def test_a_failure_in_other_words_may_be_chance_and_is_tried_again() -> None:
    other = replace(SENT, troubles=(Trouble("the session ended"),))
    settled, seeds, _ = run(checking(passed()), STOPPED, other, STOPPED, SENT)
    assert (settled.verdict.outcome, len(seeds)) == (Outcome.PASS, 4)


def test_traffic_that_nobody_answers_is_tried_to_the_end_and_not_called_busy() -> None:
    settled, seeds, _ = run(checking(passed()), *[UNANSWERED] * MOST_RUNS)
    assert len(seeds) == MOST_RUNS
    assert "busy" not in settled.verdict.checks[0].message + settled.verdict.checks[0].hint


@pytest.mark.parametrize(("pooled", "outcome"), [(passed(), Outcome.PASS), (failed(why("x")), Outcome.FAIL)])
def test_an_undecided_run_is_pooled_with_one_more(pooled: Found, outcome: Outcome) -> None:
    settled, seeds, _ = run(checking(undecided("3% bad"), pooled=pooled), SENT, SENT)
    assert settled.verdict.outcome is outcome
    assert len(seeds) == len(settled.runs) == 2


def test_an_error_of_a_check_itself_is_not_retried() -> None:
    def crash(_seen: Observation) -> Found:
        raise ZeroDivisionError

    settled, seeds, _ = run(replace(EXERCISE, checks=(Check("crash", "it works", crash),)), SENT)
    assert settled.verdict.outcome is Outcome.ERROR
    assert len(seeds) == 1


def test_a_chosen_seed_is_used_for_every_run() -> None:
    _, seeds, _ = run(checking(passed()), BUSY, SENT, seed=7)
    assert seeds == [7, 7]
