"""A verdict's observation on the terminal and as a page: for `lab show` and `lab demo`."""

from __future__ import annotations

from pathlib import Path

from grader.exercise import Exercise
from grader.verdict import Verdict
from grader.written import observation_file
from lab.atomic_file import write_atomically
from lab.comparison.compare import Comparison, compare
from lab.comparison.drawn import drawn
from lab.comparison.in_words import in_words
from lab.comparison.page import html_page
from lab.comparison.reference_run import recorded
from lab.terminal import answer, is_plain, verdict_width
from lab.workspace import Workspace


def show_numbers(exercise: Exercise, place: Workspace, verdict: Verdict, plain: bool | None = None) -> None:
    """Print everything but the verdict itself, and write the page. `plain`: None asks the terminal.

    Raises ObservationFileError when the run is no longer there.
    """
    seen = observation_file.load(place.observation_path(exercise.slug, Path(verdict.observation).name))
    comparison = compare(exercise, seen, recorded(exercise))
    if is_plain() if plain is None else plain:
        width = verdict_width() if answer.is_terminal else None
        answer.print(in_words(comparison, width), markup=False)
    else:
        answer.print(drawn(comparison, answer.width), soft_wrap=False)
    page = write_page(exercise, place, verdict, comparison)
    answer.print(f"\npage: {page.absolute().as_uri()}", markup=False)


def write_page(exercise: Exercise, place: Workspace, verdict: Verdict, comparison: Comparison) -> Path:
    """Write the page into the workspace; its path."""
    path = place.hidden / "pages" / f"{exercise.slug}.html"
    write_atomically(path, html_page(exercise, verdict, comparison).encode())
    return path
