"""Every cause that a check may name has a rejected tracer or a test."""

from __future__ import annotations

import pytest

from lab import checkout
from lab.dev.rejected.tracers import rejected_tracers
from tests.asserted_words import asserted_words
from tests.exercises.simulated import ROOT, exercise

TESTS = [path for folder in ("exercises", "grader") for path in (ROOT / "tests" / folder).rglob("test_*.py")]


@pytest.mark.parametrize("slug", checkout.slugs())
def test_every_cause_has_a_rejected_tracer_or_a_test(slug: str) -> None:
    # Misconceptions are tried one by one in test_misconceptions.py.
    one = exercise(slug)
    said_of = [(name, one.says(check, name)) for check in one.checks for name in check.causes]
    causes = {name if sentence.cause is None else sentence.cause for name, sentence in said_of}
    expected = {one.first.cause for one in rejected_tracers(exercise(slug))}
    asserted = {word for path in TESTS for word in asserted_words(path)}
    # A cause with a place in it has a name that the tracer makes, such as a limit's.
    assert {cause for cause in causes - expected - asserted if cause and "{" not in cause} == set()
