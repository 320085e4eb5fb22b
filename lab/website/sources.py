"""Everything the site is made from, read once: exercises, pages, templates, glossary, verbs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from grader.exercise import Exercise
from lab import checkout
from lab.checkout import ROOT, SOLUTIONS
from lab.dev.rejected.tracers import rejected_tracers
from lab.website.authoring import Source
from lab.website.diagram import read_diagram
from lab.website.glossary import Term, read_terms
from lab.website.markdown import Document, read_document
from lab.website.verbs import Verb, all_verbs

SITE = ROOT / "site"
PAGES = SITE / "pages"
EXERCISES = "Exercises"
"""The group of the exercises in the navigation; pages may join it."""
FIRST = "@FIRST@"
"""In a page: the number of the first exercise."""
NEEDED_SETTINGS = ("title", "group", "order", "summary")
NEEDED_SECTIONS = {
    "The idea": "what happens in kernel and user space, before any code",
    "Steps": "a numbered list, one TODO after the other",
    "What a right run prints": "real output of the solution",
    "When it fails": "a table: what is seen, and what is likely",
}
"""Sections every exercise's README must have, and what belongs in them."""


@dataclass(frozen=True)
class ExerciseSource:
    """One exercise's folder."""

    exercise: Exercise
    readme: Document
    hints: Document
    starters: tuple[Source, ...]
    solution: tuple[Source, ...]
    diagram: str
    """The SVG element; empty while nobody has drawn it."""

    @property
    def address(self) -> str:
        """Of its page."""
        return f"exercises/{self.exercise.slug}.html"


@dataclass(frozen=True)
class Prose:
    """A page in `site/pages/`."""

    document: Document
    address: str

    def setting(self, name: str) -> str:
        """One of the lines at its beginning; empty when it is not there."""
        return self.document.settings.get(name, "")

    @property
    def order(self) -> float:
        """Its place: pages go up, and so do the groups, by their first page."""
        return float(self.setting("order"))


@dataclass(frozen=True)
class Sources:
    """What one build reads."""

    exercises: tuple[ExerciseSource, ...]
    pages: tuple[Prose, ...]
    templates: tuple[Source, ...]
    terms: tuple[Term, ...]
    verbs: Verb

    def exercise(self, slug: str) -> ExerciseSource | None:
        """The exercise in this folder."""
        return next((one for one in self.exercises if one.exercise.slug == slug), None)

    def page_of(self) -> dict[str, str]:
        """Path of a source -> address of the page (and the anchor) that shows it."""
        found = {}
        for one in self.exercises:
            folder = f"exercises/{one.exercise.slug}"
            for name in ("", "/README.md", "/hints.md"):
                found[folder + name] = one.address
        for page in self.pages:
            found[page.document.source.path] = page.address
            for covered in filter(None, page.setting("covers").replace(",", " ").split()):
                found[covered] = page.address
                if covered == "bpf_templates":
                    found.update((one.path, f"{page.address}#{one.name}") for one in self.templates)
        return found


def read_sources() -> Sources:
    """Read all of it. Raises AuthoringError (file and line) or ExerciseError."""
    return Sources(
        tuple(read_exercise(checkout.exercise(slug)) for slug in checkout.slugs()),
        tuple(sorted(map(read_prose, sorted(PAGES.rglob("*.md"))), key=lambda one: one.order)),
        tuple(Source.read(path) for path in sorted((ROOT / "bpf_templates").glob("*.c"))),
        read_terms(read_document(Source.read(ROOT / "docs" / "glossary.md"))),
        all_verbs(),
    )


def read_exercise(exercise: Exercise) -> ExerciseSource:
    """One exercise. Raises AuthoringError for a missing section, and for an edit list that does not fit."""
    rejected_tracers(exercise)
    readme = read_document(Source.read(exercise.folder / "README.md"))
    if not readme.title:
        raise readme.source.wrong(1, "no title", "begin with a line `# Title`")
    for title, about in NEEDED_SECTIONS.items():
        if readme.section(title) is None:
            last = len(readme.source.text.splitlines())
            raise readme.source.wrong(last, f"the section {title!r} is missing", f"add `## {title}`: {about}")
    drawing = exercise.folder / "diagram.svg"
    return ExerciseSource(
        exercise,
        readme,
        read_document(Source.read(exercise.folder / "hints.md")),
        tuple(Source.read(exercise.folder / name) for name in exercise.starter_files),
        tuple(
            Source.read(path)
            for path in (SOLUTIONS / exercise.slug / name for name in exercise.starter_files)
            if path.exists()
        ),
        read_diagram(Source.read(drawing)) if drawing.exists() else "",
    )


def read_prose(path: Path) -> Prose:
    """One page of prose. Raises AuthoringError when a setting is missing."""
    written = Source.read(path)
    first = checkout.slugs()[0][:2].lstrip("0")
    document = read_document(Source(written.path, written.text.replace(FIRST, first)))
    for name in NEEDED_SETTINGS:
        if not document.settings.get(name):
            raise document.source.wrong(
                1, f"the page has no {name}", f"begin with a line ---, `{name}: …`, and ---"
            )
    if not document.settings["order"].replace(".", "", 1).isdecimal():
        raise document.source.wrong(document.source.line_of("order:"), "order must be a number", "order: 40")
    return Prose(document, path.relative_to(PAGES).with_suffix(".html").as_posix())
