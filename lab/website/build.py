"""From the repository to a folder of pages, a straight line: read, render, check links, write."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import jinja2

from lab.checkout import ROOT
from lab.comparison import distribution, quantity
from lab.website import generated, highlight, search_index, verdict_schema
from lab.website.addresses import Addresses, relative, root_of
from lab.website.authoring import Source
from lab.website.exercise_page import exercise_view
from lab.website.glossary import FirstUses, matcher
from lab.website.page_facts import PageFacts
from lab.website.render import Renderer
from lab.website.sources import EXERCISES, SITE, ExerciseSource, Prose, Sources, read_sources
from vocabulary.errors import Unusable

DEFAULT_OUT = ROOT / "build" / "site"
MARK = ".made-by-lab-site-build"
"""A file in every folder we made: nothing else is ever deleted."""


@dataclass(frozen=True)
class Page:
    """One page, its body rendered."""

    address: str
    title: str
    summary: str
    group: str
    body: str
    facts: PageFacts
    number: int = 0
    """Of the exercise; 0 for other pages."""
    minutes: int = 0
    slug: str = ""


@dataclass(frozen=True)
class Site:
    """The finished site in memory."""

    pages: tuple[Page, ...]
    files: dict[str, bytes]
    """Address -> content of every file."""
    remarks: tuple[str, ...]
    """What an author should know, and what stops nothing."""


class Build:
    """Renders pages from sources; lives for one build."""

    def __init__(self, sources: Sources, *, with_solutions: bool) -> None:
        self.sources = sources
        self.with_solutions = with_solutions
        self.addresses = Addresses(sources.page_of())
        self.environment = environment()
        self._pattern = matcher(sources.terms)
        self._terms = {term.word: term for term in sources.terms}

    def renderer(self, here: str, uses: FirstUses, source: Source, todos: dict[str, str]) -> Renderer:
        """What turns this source into HTML of the page `here`."""
        return Renderer(
            source, here, self.addresses, uses, self.sources.verbs, partial(self.generate, here, uses), todos
        )

    def generate(self, here: str, uses: FirstUses, source: Source, line: int, words: str) -> str:
        """A block that is generated from the code."""
        name, *rest = words.split() or [""]
        params = dict(word.partition("=")[::2] for word in rest)
        request = generated.Request(
            self.sources, source, line, params, here, lambda other: self.renderer(here, uses, other, {})
        )
        return generated.generate(request, name, self.environment)

    def uses(self, source: Source, here: str) -> FirstUses:
        """No word was used on this page yet."""
        return FirstUses(source, self._terms, self._pattern, here)

    def exercise(self, one: ExerciseSource) -> Page:
        """An exercise's page."""
        uses = self.uses(one.readme.source, one.address)
        view = exercise_view(
            one, partial(self.renderer, one.address, uses), with_solution=self.with_solutions
        )
        body = self.environment.get_template("exercise.html.j2").render(view=view, here=one.address)
        exercise = one.exercise
        return Page(
            one.address,
            exercise.title,
            exercise.goal,
            EXERCISES,
            body,
            PageFacts(body),
            exercise.number,
            exercise.minutes,
            exercise.slug,
        )

    def prose(self, one: Prose) -> Page:
        """A page of `site/pages/`."""
        source = one.document.source
        renderer = self.renderer(one.address, self.uses(source, one.address), source, {})
        sections = [(section, renderer.html(section.tokens)) for section in one.document.sections]
        body = self.environment.get_template("prose.html.j2").render(
            title=one.document.title or one.setting("title"), sections=sections, here=one.address
        )
        return Page(
            one.address,
            one.setting("title"),
            one.setting("summary"),
            one.setting("group"),
            body,
            PageFacts(body),
        )


def environment() -> jinja2.Environment:
    """The templates of `site/templates/`. What is HTML already says so with `safe`."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(SITE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["code_spans"] = highlight.code_spans
    made.globals.update(
        relative=relative,
        root_of=root_of,
        outline=distribution.outline,
        ticks=distribution.ticks,
        duration=quantity.duration,
    )
    return made


def build_site(*, with_solutions: bool = False) -> Site:
    """The whole site. Raises AuthoringError, with file, line and fix, for what is wrong in a source."""
    sources = read_sources()
    build = Build(sources, with_solutions=with_solutions)
    pages = (*map(build.exercise, sources.exercises), *map(build.prose, sources.pages))
    build.addresses.check({page.address: page.facts.ids for page in pages})
    frame = build.environment.get_template("frame.html.j2")
    groups = navigation(pages, sources.pages)
    order = [page for _, some in groups for page in some]
    files = {page.address: frame.render(page=page, groups=groups, order=order).encode() for page in pages}
    files |= {f"assets/{path.name}": path.read_bytes() for path in sorted((SITE / "assets").iterdir())}
    index = search_index.script((page.address, page.title, page.facts) for page in order)
    files["assets/search-index.js"] = index.encode()
    files[verdict_schema.ADDRESS] = verdict_schema.text().encode()
    missing = [one.exercise.slug for one in sources.exercises if not one.diagram]
    return Site(pages, files, tuple(f"exercises/{slug}/diagram.svg: not drawn yet" for slug in missing))


def navigation(pages: Sequence[Page], prose: Sequence[Prose]) -> list[tuple[str, list[Page]]]:
    """Group -> its pages, in the order in which they are read: exercises behind the pages without a group."""
    by_address = {page.address: page for page in pages}
    groups: dict[str, list[Page]] = {}
    for one in prose:
        groups.setdefault(one.setting("group"), []).append(by_address[one.address])
    first, *rest = groups.items() or [("", [])]
    return [first, (EXERCISES, [page for page in pages if page.number]), *rest]


def write_site(site: Site, out: Path, say: Callable[[str], None]) -> None:
    """Put it where `out` is, in one step; what was there goes only when it was ours.

    Raises Unusable when the folder holds something else.
    """
    if out.exists() and (not out.is_dir() or (any(out.iterdir()) and not (out / MARK).exists())):
        raise Unusable(f"{out} is there and was not made by this command", f"lab site build --out {out}-site")
    out.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}."))
    try:
        for address, content in {**site.files, MARK: b""}.items():
            path = made / address
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        made.chmod(0o755)
        if out.exists():
            shutil.rmtree(out)
        made.rename(out)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    say(f"{len(site.pages)} pages, {sum(map(len, site.files.values())) / 1024:.0f} KB")
