"""Exercise 5, judged from a real run: what is right passes, and only a whole run is evidence."""

from __future__ import annotations

import dataclasses

from grader.judge import judge
from grader.observation import Report
from grader.verdict import Outcome

from .recorded_run import MAKES, RIGHT, RUN, five, verdict


def test_a_right_report_passes() -> None:
    told = verdict(RIGHT)
    assert told.outcome is Outcome.PASS, [one for one in told.checks if one.outcome is not Outcome.PASS]


def test_a_ledger_that_disagrees_makes_the_run_no_evidence() -> None:
    fewer = tuple(unit for unit in RUN.ledger if unit.detail["status"] == "OK")
    short = dataclasses.replace(RUN, ledger=fewer)
    told = judge(five(), dataclasses.replace(short, report=Report(RIGHT, bytes=9)))
    assert told.outcome is Outcome.ERROR
    assert "calls were sent, and the recorder saw" in told.checks[0].message


def test_a_call_that_was_given_up_before_it_left_the_client_is_no_stream_and_does_no_harm() -> None:
    twice = next(unit for unit in RUN.ledger if unit.detail["status"] == "CANCELLED")
    more = dataclasses.replace(RUN, ledger=(*RUN.ledger, twice))
    told = judge(five(), dataclasses.replace(more, report=Report(RIGHT, bytes=9)))
    assert told.outcome is Outcome.PASS


def test_a_burst_of_which_most_never_left_the_client_is_evidence_and_late_ones_that_never_came_are_not() -> (
    None
):
    early = next(unit for unit in RUN.ledger if 0 < unit.detail["cancel_ms"] < 20)
    late = dataclasses.replace(early, detail={**early.detail, "cancel_ms": 35})
    for lost, outcome in ((early, Outcome.PASS), (late, Outcome.ERROR)):
        more = dataclasses.replace(RUN, ledger=(*RUN.ledger, *[lost] * 100))
        told = judge(five(), dataclasses.replace(more, report=Report(RIGHT, bytes=9)))
        assert told.outcome is outcome


def test_a_stream_that_was_shorter_than_the_model_slept_makes_the_run_no_evidence() -> None:
    first, *others = RUN.recordings
    hurried = [
        dataclasses.replace(call, at_ns=call.at_ns - 8_000_000) if call.symbol == MAKES else call
        for call in first.functions
    ]
    early = dataclasses.replace(first, functions=tuple(sorted(hurried, key=lambda call: call.at_ns)))
    told = judge(five(), dataclasses.replace(RUN, recordings=(early, *others)))
    assert told.outcome is Outcome.ERROR
