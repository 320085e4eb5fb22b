"""Whatever a tracer prints, the verdict is `fail` with a cause: never an error of ours, never a pass."""

import dataclasses
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.exercise import Exercise
from grader.exercise_folder import discover, load
from grader.judge import judge
from grader.observation import BadReport, Report
from grader.report.parse import parse
from grader.verdict import Outcome, Verdict
from tests.grader.runs import right_run, true_report

FOLDERS = discover(Path(__file__).parents[3] / "exercises")

numbers = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
text = st.text(max_size=6) | st.sampled_from(["readv", "events", "calls", "counts", "tid"])
junk = st.recursive(
    st.none() | st.booleans() | numbers | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=8,
)


@cache
def behind_the_report(folder: Path) -> Exercise:
    """The exercise without its checks of loading and attaching, and without its evidence."""
    exercise = load(folder)
    names = [check.name for check in exercise.checks]
    return dataclasses.replace(
        exercise, checks=exercise.checks[names.index("report_readable") :], evidence=()
    )


def verdict_on(folder: Path, report: Report | BadReport) -> Verdict:
    return judge(behind_the_report(folder), right_run(report=report))


def assert_fails_with_a_cause(verdict: Verdict) -> None:
    assert verdict.outcome is Outcome.FAIL, [one.message for one in verdict.checks]
    assert next(one for one in verdict.checks if one.outcome is Outcome.FAIL).cause


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
@pytest.mark.parametrize(
    "printed",
    [
        b"",
        b"\x00\xff\x80 random",
        b"{}",
        b"[]",
        b'{"counts": NaN}',
        b'{"counts": {}}',
        b'{"counts": {"readv": -1}}',
        b'{"counts": {"readv": 9223372036854775808}}',
        b'{"counts": [], "events": {}}',
        b'{"counts": {"readv": {"calls": -1, "with_data": 1}}}',
        b'{"schema": 1, "exercise": "04-kprobes", "outcome": "pass", "checks": []}',
    ],
)
def test_junk_fails_with_a_cause(folder: Path, printed: bytes) -> None:
    assert_fails_with_a_cause(verdict_on(folder, parse(printed)))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(counts=junk, events=junk)
def test_random_documents_fail_with_a_cause(folder: Path, counts: Any, events: Any) -> None:
    document = {**true_report(), "counts": counts, "events": events}
    assert_fails_with_a_cause(verdict_on(folder, Report(document, 10)))
