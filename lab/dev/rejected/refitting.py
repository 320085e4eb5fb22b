"""Carries edit lists over a solution that has changed, by three-way merge."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.exercise import Exercise
from lab.atomic_file import write_atomically
from lab.checkout import SOLUTIONS
from lab.dev.rejected.applying import Misfit, Solution, applied, located
from lab.dev.rejected.edit_list import EditList, parse
from lab.dev.rejected.tracers import edit_lists, solution_of
from lab.dev.rejected.writing import written
from lab.git import git
from lab.merge import Conflict, Edit, combined, edits
from lab.website.authoring import AuthoringError, Source


@dataclass(frozen=True)
class Refitted:
    """What became of one list that no longer fitted."""

    path: Path
    trouble: tuple[str, ...] = ()
    """What could not be carried over: `file:line: what` each, with the text; empty when all was."""
    hint: str = ""


@dataclass(frozen=True)
class CommittedSolution:
    """A solution as it was at a commit."""

    commit: str
    solution: Solution


def refit(exercise: Exercise, solutions: Path = SOLUTIONS) -> Iterator[Refitted]:
    """Each list that does not fit the solution is written anew, or told; those that fit stay as they are.

    Raises AuthoringError for a list that is no list.
    """
    now = solution_of(exercise, solutions)
    for path in edit_lists(exercise, solutions):
        some = parse(Source.read(path))
        try:
            applied(some, now)
        except Misfit as misfit:
            yield _refit(path, some, now, misfit, solutions.parent)


def _refit(path: Path, some: EditList, now: Solution, misfit: Misfit, root: Path) -> Refitted:
    base = last_that_fitted(some, now, root)
    if base is None:
        said = f"{misfit.message}\n  nor does the list fit a committed solution from which to carry it over"
        return Refitted(path, (said,), f"correct the text in {some.source.path}")
    trouble = tuple(_unlike(some, base.solution, now))
    if trouble:
        files = " ".join(now.shown(name) for name in some.files)
        return Refitted(path, trouble, f"git diff {base.commit} -- {files}   # then correct the list")
    text = "".join(_carried(name, some, base.solution, now) for name in some.files)
    if not text:
        return Refitted(path, (f"{some.source.path}: the solution makes this mistake now",), f"rm {path}")
    write_atomically(path, f"{some.head}\n{text}".encode())
    return Refitted(path)


def last_that_fitted(some: EditList, now: Solution, root: Path) -> CommittedSolution | None:
    """The newest commit whose solution the list fits; None without git or such a commit."""
    paths = {name: now.shown(name) for name in sorted(now.files)}
    for commit in (git(root, "log", "--format=%h", "--", *paths.values()) or "").split():
        texts = {name: git(root, "show", f"{commit}:{path}") for name, path in paths.items()}
        there = Solution(now.slug, {name: text.encode() for name, text in texts.items() if text is not None})
        try:
            applied(some, there)
        except AuthoringError:
            continue
        return CommittedSolution(commit, there)
    return None


def _changes(name: str, base: Solution, now: Solution) -> list[Edit]:
    return edits(base.lines(name), now.lines(name))


def _unlike(some: EditList, base: Solution, now: Solution) -> Iterator[str]:
    """Edits of places that the solution has changed too."""
    for name in some.files:
        for edit, place in located(some, name, base).items():
            try:
                combined(base.lines(name), [place], _changes(name, base, now))
            except Conflict:
                text = "".join(f"\n    {line}" for line in edit.lines)
                yield f"{some.source.path}:{edit.line}: the solution changed these lines too:{text}"


def _carried(name: str, some: EditList, base: Solution, now: Solution) -> str:
    """The edits of one file, as they stand in a list that fits the solution now."""
    ours = located(some, name, base).values()
    return written(name, now.lines(name), combined(base.lines(name), ours, _changes(name, base, now)))
