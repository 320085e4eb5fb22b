"""What is known at READY proves nothing against a right tracer, and enough against one attached elsewhere."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.judge import judge
from grader.observation import BadReport, Observation, Recording
from grader.observing.before_traffic import proven_wrong
from grader.verdict import Outcome
from lab import checkout
from tests.exercises.recorded_runs import SLUGS, recorded


def at_ready(slug: str) -> Observation:
    """The solution's recorded run as it was known when it said READY."""
    seen = recorded(slug)
    programs = tuple(replace(program, run_count=0, run_time_ns=0) for program in seen.kernel.programs)
    return replace(
        seen,
        traffic_ran=False,
        ledger=(),
        recordings=(Recording("at READY", (), offsets=seen.recordings[0].offsets),),
        report=BadReport("none"),
        kernel=replace(seen.kernel, programs=programs),
    )


@pytest.mark.parametrize("slug", SLUGS)
def test_a_right_tracer_is_never_proven_wrong(slug: str) -> None:
    assert not proven_wrong(checkout.exercise(slug), at_ready(slug))


@pytest.mark.parametrize("slug", SLUGS)
def test_attached_elsewhere_or_not_everywhere_is_proven_and_the_verdict_says_it(slug: str) -> None:
    exercise, right = checkout.exercise(slug), at_ready(slug)
    elsewhere = tuple(replace(one, where="elsewhere", offset=1) for one in right.kernel.attachments)
    for attachments in (right.kernel.attachments[1:], elsewhere, ()):
        wrong = replace(right, kernel=replace(right.kernel, attachments=attachments))
        assert proven_wrong(exercise, wrong)
        verdict = judge(exercise, wrong)
        assert verdict.outcome is Outcome.FAIL
        assert all(one.cause for one in verdict.checks if one.outcome is Outcome.FAIL)
        # Nothing is judged by numbers that nobody sent.
        assert verdict.checks[-1].outcome is Outcome.SKIP
