"""What a page can ask for with a block ```{generated} NAME key=value```: it comes from the code."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import jinja2

from grader.exercise import Exercise
from grader.observation import Observation
from lab.checkout import ROOT
from lab.dev.soak.rates import all_rates
from lab.dev.soak.runs import recorded
from lab.website import (
    data_shapes,
    descriptor_map,
    graded_run,
    highlight,
    request_map,
    verdict_schema,
)
from lab.website.addresses import relative
from lab.website.authoring import Source
from lab.website.markdown import read_document
from lab.website.render import Renderer
from lab.website.sources import ExerciseSource, Sources


@dataclass(frozen=True)
class Request:
    """One such block."""

    sources: Sources
    source: Source
    line: int
    params: Mapping[str, str]
    here: str
    renderer_for: Callable[[Source], Renderer]

    def param(self, name: str) -> str:
        """A value that must be there."""
        if name not in self.params:
            raise self.source.wrong(
                self.line, f"{name} is missing", f"write {name}=… in the block's first line"
            )
        return self.params[name]

    def recorded_exercise(self) -> tuple[Exercise, Observation]:
        """The exercise that `exercise=` names, with its recorded run."""
        wanted = self.param("exercise")
        found = self.sources.exercise(wanted)
        if found is None:
            known = ", ".join(one.exercise.slug for one in self.sources.exercises)
            raise self.source.wrong(self.line, f"there is no exercise {wanted}", f"one of: {known}")
        return found.exercise, graded_run.needed(found.exercise, self.source, self.line)

    def inline(self, text: str) -> str:
        """A line of Markdown as HTML."""
        return self.renderer_for(self.source).inline(text)


def schedule(request: Request) -> dict[str, Any]:
    """The exercises as a path, with the minutes passed before each."""
    exercises = request.sources.exercises
    ends = list(accumulate(one.exercise.minutes for one in exercises))
    return {"stops": list(zip(exercises, [0, *ends], strict=False)), "total": ends[-1] if ends else 0}


def verbs(request: Request) -> dict[str, Any]:
    """Every verb of the command."""
    return {"verbs": list(request.sources.verbs.leaves())}


def verdict_fields(request: Request) -> dict[str, Any]:
    """The verdict's JSON, field by field."""
    return {
        "shapes": data_shapes.verdict_shapes(),
        "schema": relative(request.here, verdict_schema.ADDRESS),
    }


def verdict_example(request: Request) -> dict[str, Any]:
    """A real verdict, shortened."""
    exercise, seen = request.recorded_exercise()
    return {
        "code": highlight.block(graded_run.example_document(exercise, seen), "json", "an example verdict")
    }


def templates(request: Request) -> dict[str, Any]:
    """Every piece in bpf_templates/, and who uses it."""
    return {
        "templates": [
            (
                one,
                request.inline(explanation(one)),
                users(one, request.sources),
                highlight.block(one.text, "c", one.name, origin=one.path),
            )
            for one in request.sources.templates
        ]
    }


def explanation(template: Source) -> str:
    """The paragraph behind `// Template:`. Raises AuthoringError when there is none."""
    lines = template.text.splitlines()
    first = next((at for at, line in enumerate(lines) if line.startswith("// Template: ")), None)
    if first is None:
        raise template.wrong(2, "no line says what this is", "write `// Template: ` and a sentence")
    said = [lines[first].removeprefix("// Template: ")]
    for line in lines[first + 1 :]:
        text = line.removeprefix("//").strip()
        if not text:
            break
        said.append(text)
    text = " ".join(said)
    return text[:1].upper() + text[1:]


def users(template: Source, sources: Sources) -> list[ExerciseSource]:
    """Exercises whose texts or starters name it."""
    return [
        one
        for one in sources.exercises
        if any(
            template.path in text
            for text in (one.readme.source.text, one.hints.source.text, *(file.text for file in one.starters))
        )
    ]


def workloads(request: Request) -> dict[str, Any]:
    """What can be traced, in the words of the workloads' own code."""
    files = sorted((ROOT / "workloads").glob("*/workload.py"))
    said = {
        path.parent.name: ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) for path in files
    }
    return {"workloads": [(name, (text or "").partition("\n")[0]) for name, text in said.items()]}


def glossary(request: Request) -> dict[str, Any]:
    """All words with their meanings."""
    renderer = request.renderer_for(Source("docs/glossary.md", ""))
    return {"terms": [(one, renderer.inline(one.meaning)) for one in request.sources.terms]}


def soak(request: Request) -> dict[str, Any]:
    """The figures of the last campaigns."""
    titles = {one.exercise.slug: one for one in request.sources.exercises}
    return {"rows": all_rates(recorded()), "exercises": titles}


def graded(request: Request) -> dict[str, Any]:
    """The picture of a graded run."""
    exercise, seen = request.recorded_exercise()
    return {"run": graded_run.graded_run(exercise, seen)}


def request_of(request: Request) -> dict[str, Any]:
    """The map of the system calls of a request."""
    _, seen = request.recorded_exercise()
    return {"map": request_map.request_map(seen, request.param("first"))}


def descriptors_of(request: Request) -> dict[str, Any]:
    """On what the server makes its calls. `http=8000` names the server's port of a protocol."""
    _, seen = request.recorded_exercise()
    ports = {name: int(value) for name, value in request.params.items() if value.isdecimal()}
    return {"map": descriptor_map.descriptor_map(seen, ports)}


def document(request: Request) -> dict[str, Any]:
    """Another document of the repository, without its title."""
    source = Source.read(ROOT / request.param("path"))
    renderer = request.renderer_for(source)
    return {
        "sections": [(section, renderer.html(section.tokens)) for section in read_document(source).sections]
    }


def file(request: Request) -> dict[str, Any]:
    """A file of the repository as it is now."""
    source = Source.read(ROOT / request.param("path"))
    language = highlight.LANGUAGE_OF.get(source.name[source.name.rfind(".") :], "")
    return {"path": source.path, "code": highlight.block(source.text, language, source.path, source.path)}


KINDS: Mapping[str, Callable[[Request], dict[str, Any]]] = {
    "schedule": schedule,
    "verbs": verbs,
    "verdict-fields": verdict_fields,
    "verdict-example": verdict_example,
    "templates": templates,
    "workloads": workloads,
    "glossary": glossary,
    "soak": soak,
    "graded-run": graded,
    "request-map": request_of,
    "descriptor-map": descriptors_of,
    "document": document,
    "file": file,
}
"""Name -> what its template `site/templates/generated/NAME.html.j2` is given."""


def generate(request: Request, name: str, environment: jinja2.Environment) -> str:
    """The HTML of one block. Raises AuthoringError for an unknown name."""
    if name not in KINDS:
        raise request.source.wrong(
            request.line, f"nothing is called {name!r} here", f"one of: {', '.join(KINDS)}"
        )
    data = KINDS[name](request)
    return environment.get_template(f"generated/{name}.html.j2").render(here=request.here, **data)
