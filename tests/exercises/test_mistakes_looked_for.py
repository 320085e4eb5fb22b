"""Every cause that a check may name has a rejected tracer or a test."""

from __future__ import annotations

import pytest

from lab import checkout
from lab.dev.rejected.tracers import rejected_tracers
from lab.website.check_messages import sayings_of
from tests.asserted_words import asserted_words
from tests.exercises.simulated import ROOT, exercise

TESTS = [path for folder in ("exercises", "grader") for path in (ROOT / "tests" / folder).rglob("test_*.py")]


@pytest.mark.parametrize("slug", checkout.slugs())
def test_every_cause_has_a_rejected_tracer_or_a_test(slug: str) -> None:
    # Misconceptions are tried one by one in test_misconceptions.py.
    causes = {saying.cause for check in sayings_of(exercise(slug)) for saying in check.sayings}
    expected = {one.first.cause for one in rejected_tracers(exercise(slug))}
    asserted = {word for path in TESTS for word in asserted_words(path)}
    assert causes - expected - asserted <= {""}
