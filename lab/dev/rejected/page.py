"""docs/mistakes.md: what each rejected tracer does wrong, from its own first lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2

from grader.exercise import Exercise
from lab import checkout
from lab.atomic_file import write_atomically
from lab.dev.rejected.tracers import FOLDER, NOT_HERE, Rejected, rejected_tracers

PAGE = checkout.ROOT / "docs" / "mistakes.md"
TEMPLATE = Path(__file__).with_name("mistakes.md.j2")


@dataclass(frozen=True)
class MistakesOf:
    """One exercise's part of the page."""

    exercise: Exercise
    tracers: tuple[Rejected, ...]
    not_here: str
    """Markdown: which mistakes it has no tracer for, and why; may be empty."""

    def with_cause(self, cause: str) -> list[str]:
        """Names of its tracers that must fail with this cause."""
        return [one.name for one in self.tracers if one.first.cause == cause]


def mistakes_of(exercise: Exercise, solutions: Path = checkout.SOLUTIONS) -> MistakesOf:
    """Read one exercise's rejected tracers. Raises AuthoringError: file, line, fix."""
    notes = solutions / exercise.slug / FOLDER / NOT_HERE
    text = notes.read_text(encoding="utf-8").strip() if notes.is_file() else ""
    return MistakesOf(exercise, rejected_tracers(exercise, solutions), text)


def page_text(exercises: Sequence[MistakesOf]) -> str:
    """The whole page, Markdown."""
    causes = sorted({tracer.first.cause for one in exercises for tracer in one.tracers})
    rows = [(cause, [one.with_cause(cause) for one in exercises]) for cause in causes]
    shared = [(cause, names) for cause, names in rows if sum(map(bool, names)) > 1]
    made = jinja2.Environment(trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined)
    template = made.from_string(TEMPLATE.read_text(encoding="utf-8"))
    return template.render(exercises=exercises, shared=shared).rstrip("\n") + "\n"


def page_of_checkout() -> str:
    """The page as it should be now."""
    return page_text([mistakes_of(checkout.exercise(slug)) for slug in checkout.slugs()])


def write_page() -> Path:
    """Write it where it belongs."""
    write_atomically(PAGE, page_of_checkout().encode())
    return PAGE
