"""Exercise 3, judged from a real run: programs that are attached twice, or count more than once."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from grader.judge import judge
from grader.observation import Report
from grader.verdict import Outcome
from tests.exercises.simulated import exercise

from .recorded_run import RUN, SLUG, in_target, report, table, verdict


def test_programs_that_are_attached_twice_are_named() -> None:
    kernel = dataclasses.replace(RUN.kernel, attachments=RUN.kernel.attachments * 2)
    seen = dataclasses.replace(RUN, report=Report(report(times=2), bytes=9), kernel=kernel)
    told = judge(exercise(SLUG), seen)
    assert [(one.name, one.cause) for one in told.checks if one.outcome is Outcome.FAIL] == [
        ("calls_per_kind", "attached_twice")
    ]


def told_twice(document: Mapping[str, Any], place: str) -> tuple[str, str, str]:
    """(check, cause, hint) for a tracer with two programs at this tracepoint."""
    again = tuple(one for one in RUN.kernel.attachments if one.where == place)
    kernel = dataclasses.replace(RUN.kernel, attachments=RUN.kernel.attachments + again)
    seen = dataclasses.replace(RUN, report=Report(document, bytes=9), kernel=kernel)
    return next(
        (one.name, one.cause, one.hint)
        for one in judge(exercise(SLUG), seen).checks
        if one.outcome is Outcome.FAIL
    )


def test_two_programs_at_one_tracepoint_are_named_with_the_tracepoint() -> None:
    # Both count at the entry: only `calls` is doubled.
    check, cause, hint = told_twice(report(calls=table(in_target, times=2)), "sys_enter")
    assert (check, cause) == ("calls_per_kind", "attached_twice")
    assert "sys_enter" in hint and "return" not in hint
    # Both count at the exit what moved data: only `with_data` is doubled.
    data = table(lambda call: call.in_target and call.ret > 0, times=2)
    check, cause, hint = told_twice(report(with_data=data), "sys_exit")
    assert (check, cause) == ("calls_with_data", "attached_twice")
    assert "sys_exit" in hint


def test_two_programs_at_one_tracepoint_are_pointed_out_beside_another_mistake() -> None:
    _, cause, hint = told_twice(report(lambda call: True, times=2), "sys_enter")
    assert cause == "count_too_high"
    assert "2 of your programs are at sys_enter" in hint


def test_one_program_that_counts_several_times_is_told_so() -> None:
    told = next(one for one in verdict(report(times=3)).checks if one.outcome is Outcome.FAIL)
    assert "each is 3 times the real one" in told.hint
