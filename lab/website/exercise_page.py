"""An exercise's page: its README with drawing, starter, what the checks say, and hints in place."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markdown_it.token import Token

from lab.website import highlight
from lab.website.authoring import Source
from lab.website.check_sentences import CheckSayings, Saying, mistakes_of, sayings_of
from lab.website.markdown import Section, slug
from lab.website.render import Renderer, raw
from lab.website.sources import ExerciseSource

DRAWN_IN = "The idea"
LETTERS = re.compile("─>|┌|▼|▶")
STARTER_AFTER = "Steps"
FAILS = "When it fails"


@dataclass(frozen=True)
class ShownFile:
    """A file of the exercise with its code as HTML."""

    name: str
    html: str
    todos: int


@dataclass(frozen=True)
class ShownPart:
    """One section of the README as HTML."""

    title: str
    id: str
    html: str


@dataclass(frozen=True)
class ShownHint:
    """One hint."""

    title: str
    html: str


@dataclass(frozen=True)
class ExerciseView:
    """What the template shows."""

    source: ExerciseSource
    lead: str
    parts: tuple[ShownPart, ...]
    starters: tuple[ShownFile, ...]
    checks: tuple[CheckSayings, ...]
    mistakes: tuple[Saying, ...]
    hints: tuple[ShownHint, ...]
    solution: tuple[ShownFile, ...]
    """Empty unless the author asked for it."""


MakeRenderer = Callable[[Source, dict[str, str]], Renderer]


def exercise_view(one: ExerciseSource, renderer_for: MakeRenderer, *, with_solution: bool) -> ExerciseView:
    """Everything of one exercise. Raises AuthoringError."""
    todos = {number: name for file in one.starters for number, name in todo_anchors(file).items()}
    renderer = renderer_for(one.readme.source, todos)
    sections = one.readme.sections
    lead = next((section for section in sections if not section.title), None)
    of_hints = renderer_for(one.hints.source, todos)
    of_hints.uses = renderer.uses
    parts = tuple(shown_part(section, one, renderer) for section in sections if section.title)
    return ExerciseView(
        one,
        renderer.html(lead.tokens) if lead else "",
        parts,
        tuple(shown_file(file, prefix_of(file)) for file in one.starters),
        sayings_of(one.exercise),
        mistakes_of(one.exercise),
        tuple(
            ShownHint(section.title, of_hints.html(section.tokens))
            for section in one.hints.sections
            if section.title
        ),
        tuple(shown_file(file, f"solution-{prefix_of(file)}") for file in one.solution if with_solution),
    )


def shown_part(section: Section, one: ExerciseSource, renderer: Renderer) -> ShownPart:
    """A section, with the drawing where the README draws with letters."""
    tokens: Sequence[Token] = section.tokens
    if section.title == DRAWN_IN and one.diagram:
        tokens = with_drawing(tokens, f'<figure class="diagram">{one.diagram}</figure>')
    return ShownPart(section.title, section.id, renderer.html(tokens))


def with_drawing(tokens: Sequence[Token], drawing: str) -> list[Token]:
    """The drawing in the place of the first block that draws boxes or arrows with letters, else behind the
    first paragraph: a block that only lists things says more than the drawing, and stays.
    """
    found = list(tokens)
    for index, token in enumerate(found):
        if token.type == "fence" and not token.info.strip() and LETTERS.search(token.content):
            return [*found[:index], raw(drawing), *found[index + 1 :]]
    end = next((index for index, token in enumerate(found) if token.type == "paragraph_close"), -1)
    return [*found[: end + 1], raw(drawing), *found[end + 1 :]]


def prefix_of(file: Source) -> str:
    """`tracer.bpf.c` -> `tracer-bpf-c-todo`."""
    return f"{slug(file.name)}-todo"


def todo_anchors(file: Source) -> dict[str, str]:
    """Number of each TODO in the file -> its anchor."""
    return {found[1]: f"{prefix_of(file)}-{found[1]}" for found in highlight.TODO.finditer(file.text)}


def shown_file(file: Source, prefix: str) -> ShownFile:
    """The whole file as code."""
    return ShownFile(
        file.name, highlight.starter(file.text, file.path, prefix), len(highlight.TODO.findall(file.text))
    )
