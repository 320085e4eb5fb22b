"""docs/mistakes.md names every rejected tracer and no other, and no cause is without a tracer or a test."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lab import checkout
from lab.website.check_messages import sayings_of
from tests.asserted_words import asserted_words
from tests.exercises.simulated import ROOT, exercise

PAGE = (ROOT / "docs" / "mistakes.md").read_text(encoding="utf-8")
NUMBERS = (
    next(line for line in PAGE.splitlines() if line.startswith("| mistake |")).strip("| ").split(" | ")[1:]
)
SLUGS = [checkout.exercise(number).slug for number in NUMBERS]
TESTS = [path for folder in ("exercises", "grader") for path in (ROOT / "tests" / folder).rglob("test_*.py")]
EXPECT = re.compile(r"# expect: (\S+) (\S+)")


def named(slug: str) -> set[str]:
    """Folders in this exercise's column of all tables."""
    found: set[str] = set()
    for line in PAGE.splitlines():
        cells = [cell.strip() for cell in line.strip("| ").split(" | ")]
        if line.startswith("| ") and len(cells) == 1 + len(SLUGS) and cells[1:] != NUMBERS:
            found.update(cells[1 + SLUGS.index(slug)].split(", "))
    return found - {"-"}


def rejected(slug: str) -> list[Path]:
    """The rejected tracers' Python files."""
    return sorted((ROOT / "solutions" / slug / "rejected").glob("*/tracer.py"))


@pytest.mark.parametrize("slug", SLUGS)
def test_the_page_names_every_rejected_tracer_and_no_other(slug: str) -> None:
    assert named(slug) == {path.parent.name for path in rejected(slug)}


@pytest.mark.parametrize("slug", SLUGS)
def test_every_cause_has_a_rejected_tracer_or_a_test(slug: str) -> None:
    # Misconceptions are tried one by one in test_misconceptions.py.
    causes = {saying.cause for check in sayings_of(exercise(slug)) for saying in check.sayings}
    expected = {found[2] for path in rejected(slug) if (found := EXPECT.match(path.read_text()))}
    asserted = {word for path in TESTS for word in asserted_words(path)}
    assert causes - expected - asserted <= {""}
