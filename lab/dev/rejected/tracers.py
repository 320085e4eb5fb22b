"""An exercise's rejected tracers: whole files in `rejected/NAME/`, edit lists in `rejected/NAME.diff`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grader.exercise import Exercise
from lab.checkout import SOLUTIONS
from lab.dev.rejected.applying import TRACER, Solution, applied
from lab.dev.rejected.edit_list import SUFFIX, parse
from lab.dev.rejected.first_lines import FirstLines, read_first_lines
from lab.website.authoring import AuthoringError, Source

FOLDER = "rejected"
NOT_HERE = "not_here.md"
"""Which mistakes this exercise has no tracer for, and why: for docs/mistakes.md."""
LEFT_BY_TOOLS = ("__pycache__", ".", "~")
"""How names begin or end that are nobody's tracer."""


@dataclass(frozen=True)
class Rejected:
    """One plausible wrong answer."""

    name: str
    first: FirstLines
    files: Mapping[str, bytes] = field(repr=False)
    """Name -> content; those that it has no own of are the solution's."""


def solution_of(exercise: Exercise, solutions: Path = SOLUTIONS) -> Solution:
    """The exercise's solution, as far as it is written."""
    folder = solutions / exercise.slug
    names = [name for name in exercise.starter_files if (folder / name).is_file()]
    return Solution(exercise.slug, {name: (folder / name).read_bytes() for name in names})


def rejected_tracers(exercise: Exercise, solutions: Path = SOLUTIONS) -> tuple[Rejected, ...]:
    """All of them by name. Raises AuthoringError: file, line, fix."""
    solution = solution_of(exercise, solutions)
    found = {}
    for path in _paths(solutions / exercise.slug):
        one = from_list(path, solution) if path.suffix == SUFFIX else from_folder(path, solution)
        if one.name in found:
            raise AuthoringError(
                f"{path}: there is a folder and an edit list of this name", f"rm {path}, or give it another"
            )
        found[one.name] = one
    return tuple(found[name] for name in sorted(found))


def edit_lists(exercise: Exercise, solutions: Path = SOLUTIONS) -> tuple[Path, ...]:
    """The files of the exercise's edit lists, by name."""
    return tuple(path for path in _paths(solutions / exercise.slug) if path.suffix == SUFFIX)


def from_list(path: Path, solution: Solution) -> Rejected:
    """The tracer that an edit list makes of the solution. Raises AuthoringError."""
    some = parse(Source.read(path))
    return Rejected(path.stem, some.first, applied(some, solution))


def from_folder(folder: Path, solution: Solution) -> Rejected:
    """The tracer in a folder; a file that it lacks is the solution's. Raises AuthoringError."""
    first = read_first_lines(Source.read(folder / TRACER))
    own = {name: (folder / name).read_bytes() for name in solution.files if (folder / name).is_file()}
    return Rejected(folder.name, first, {**solution.files, **own})


def _paths(folder: Path) -> Iterator[Path]:
    parent = folder / FOLDER
    for path in sorted(parent.iterdir()) if parent.is_dir() else ():
        if path.name == NOT_HERE or path.name.startswith(LEFT_BY_TOOLS) or path.name.endswith(LEFT_BY_TOOLS):
            continue
        if not path.is_dir() and path.suffix != SUFFIX:
            raise AuthoringError(
                f"{path}: neither a folder nor an edit list", f"call it {path.stem}{SUFFIX}, or remove it"
            )
        yield path
