"""Real runs of the solutions, recorded on a lab host: they pass, and what was sent is what they counted."""

from __future__ import annotations

import pytest

from grader.judge import judge
from grader.observation import Report
from grader.report.fields import flat_numbers
from grader.verdict import Outcome
from lab.comparison.compare import Row
from tests.exercises.recorded_runs import SLUGS, recorded
from tests.exercises.simulated import exercise


@pytest.mark.parametrize("slug", SLUGS)
def test_the_recorded_run_of_the_solution_passes(slug: str) -> None:
    told = judge(exercise(slug), recorded(slug))
    assert told.outcome is Outcome.PASS, [one for one in told.checks if one.outcome is not Outcome.PASS]


@pytest.mark.parametrize("slug", SLUGS)
def test_what_lab_run_shows_as_sent_is_what_the_solution_counted(slug: str) -> None:
    seen, told = recorded(slug), exercise(slug).summary
    assert told is not None
    assert isinstance(seen.report, Report)
    flat = flat_numbers(seen.report.document)
    rows = [Row.beside(key, flat.get(key), right) for key, right in told(seen).items()]
    # No number of calls follows from gRPC requests, so nobody is asked to count them.
    wanting = ["requests.grpc"] if slug == "03-workload" else []
    assert [row.name for row in rows if not row.agrees] == wanting
