"""docs/mistakes.md names every rejected tracer and no other, and no cause is without a tracer or a test."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lab.website.check_sentences import sayings_of
from tests.exercises.simulated import ROOT, exercise

SLUGS = ("02-hello-world", "03-workload", "04-kprobes", "05-uprobes", "10-hello-xdp")
NUMBERS = [slug.partition("-")[0].lstrip("0") for slug in SLUGS]
PAGE = (ROOT / "docs" / "mistakes.md").read_text(encoding="utf-8")
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
    tests = [
        path for folder in ("exercises", "grader") for path in (ROOT / "tests" / folder).glob("test_*.py")
    ]
    said = "".join(path.read_text(encoding="utf-8") for path in tests)
    # A cause with an ellipsis has a name that the tracer makes, such as a limit's.
    named = {cause for cause in causes - expected if cause and "…" not in cause}
    assert {cause for cause in named if f'"{cause}"' not in said} == set()
