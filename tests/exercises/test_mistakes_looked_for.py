"""Every cause that a check may name has a rejected tracer or a test."""

from __future__ import annotations

import pytest

from lab.dev.rejected.tracers import rejected_tracers
from tests.exercises.simulated import ROOT, exercise

SLUGS = ("02-hello-world", "03-workload", "04-kprobes", "05-uprobes", "10-hello-xdp")


@pytest.mark.parametrize("slug", SLUGS)
def test_every_cause_has_a_rejected_tracer_or_a_test(slug: str) -> None:
    # Misconceptions are tried one by one in test_misconceptions.py.
    one = exercise(slug)
    said_of = [(name, one.says(check, name)) for check in one.checks for name in check.causes]
    causes = {name if sentence.cause is None else sentence.cause for name, sentence in said_of}
    expected = {one.first.cause for one in rejected_tracers(exercise(slug))}
    tests = [
        path for folder in ("exercises", "grader") for path in (ROOT / "tests" / folder).glob("test_*.py")
    ]
    said = "".join(path.read_text(encoding="utf-8") for path in tests)
    # A cause with a place in it has a name that the tracer makes, such as a limit's.
    named = {cause for cause in causes - expected if cause and "{" not in cause}
    assert {cause for cause in named if f'"{cause}"' not in said} == set()
