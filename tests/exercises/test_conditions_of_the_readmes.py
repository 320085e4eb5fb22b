"""Whatever a README states, the traffic breaks each wrong reading of it: none passes."""

from __future__ import annotations

import pytest

from grader.judge import judge
from grader.verdict import Outcome
from tests.exercises.condition import all_stated
from tests.exercises.simulated import ROOT, exercise

EXERCISES = all_stated()
RUNS = [(slug, run) for slug, stated in EXERCISES.items() for run in stated.runs]
SAYINGS = [(slug, one.says) for slug, stated in EXERCISES.items() for one in stated.conditions]
READINGS = [
    (slug, one.says, reading)
    for slug, stated in EXERCISES.items()
    for one in stated.conditions
    for reading in one.readings
]


def words(text: str) -> str:
    """Without line breaks."""
    return " ".join(text.split())


@pytest.mark.parametrize(("slug", "says"), SAYINGS)
def test_the_readme_says_so(slug: str, says: str) -> None:
    assert says in words((ROOT / "exercises" / slug / "README.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("slug", "run"), RUNS)
def test_who_reads_all_of_it_right_passes(slug: str, run: str) -> None:
    stated = EXERCISES[slug]
    told = judge(exercise(slug), stated.right(stated.runs[run]()))
    assert told.outcome is Outcome.PASS, [one for one in told.checks if one.outcome is not Outcome.PASS]


@pytest.mark.parametrize(("slug", "says", "reading"), READINGS)
def test_no_wrong_reading_passes_and_each_is_told_a_cause(slug: str, says: str, reading: str) -> None:
    stated = EXERCISES[slug]
    (condition,) = (one for one in stated.conditions if one.says == says)
    for run, observe in stated.runs.items():
        told = judge(exercise(slug), condition.readings[reading](observe()))
        assert told.outcome is Outcome.FAIL, run
        assert all(one.cause for one in told.checks if one.outcome is Outcome.FAIL), (run, told)
