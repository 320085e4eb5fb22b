"""Verbs about the attendee's own files: list, start, status, hint, solution, reset of files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from lab import checkout
from lab.checkout import SOLUTIONS, slugs
from lab.options import ExerciseName, WorkspacePath
from lab.starter_changes import tell_changes
from lab.terminal import answer, say
from lab.workspace_search import workspace_at
from vocabulary.errors import Unusable


def add_to(app: typer.Typer) -> None:
    """Register these verbs."""
    app.command("list", help="Show the exercises.\n\nExample: lab list")(list_exercises)
    app.command("status", help="Show your progress and what comes next.\n\nExample: lab status")(status)
    app.command("hint", help="Show one more hint each time.\n\nExample: lab hint 4")(hint)
    app.command("solution", help="Show the solution after a pass.\n\nExample: lab solution 4 --give-up")(
        solution
    )


def list_exercises() -> None:
    """Number, title, minutes and goal of every exercise."""
    for slug in slugs():
        exercise = checkout.exercise(slug)
        answer.print(f"{exercise.number:>2}  {exercise.title} ({exercise.minutes} minutes)", markup=False)
        answer.print(f"    {exercise.goal}", markup=False)
    say("begin with: lab start NUMBER")


def status(workspace: WorkspacePath = None) -> None:
    """A line for each exercise, and the next command to type."""
    place = workspace_at(workspace)
    progress = place.progress()
    table = Table("", "exercise", "state", "checks", "passes", "hints", "solution", box=None, pad_edge=False)
    upcoming = ""
    for slug in slugs():
        one = progress.of(slug)
        state = "passed" if one.passes else "started" if one.started else "not started"
        seen = {"": "", "passed": "seen", "given_up": "gave up"}[one.solution_seen]
        table.add_row(slug[:2], slug[3:], state, str(one.checks), str(one.passes), str(one.hints), seen)
        if not upcoming and not one.passes:
            upcoming = f"lab {'check' if one.started else 'start'} {int(slug[:2])}"
    answer.print(table)
    for slug in slugs():
        if progress.of(slug).started:
            tell_changes(place, checkout.exercise(slug))
    say(f"next: {upcoming}" if upcoming else "all passed")


def hint(name: ExerciseName, workspace: WorkspacePath = None) -> None:
    """All hints taken so far and one more."""
    exercise, place = checkout.exercise(name), workspace_at(workspace)
    place.started_folder(exercise.slug)
    if not exercise.hints:
        raise Unusable(f"{exercise.slug} has no hints", f"less {exercise.folder / 'README.md'}")
    taken = min(place.progress().of(exercise.slug).hints + 1, len(exercise.hints))
    place.update(lambda old: old.having(exercise.slug, hints=taken))
    for number, text in enumerate(exercise.hints[:taken], 1):
        answer.print(f"hint {number} of {len(exercise.hints)}: {text.strip()}\n", markup=False)
    if taken == len(exercise.hints):
        say(f"that was the last hint; the solution: lab solution {exercise.number} --give-up")


def solution(
    name: ExerciseName,
    workspace: WorkspacePath = None,
    give_up: Annotated[
        bool, typer.Option("--give-up", help="Show it without a pass; this is remembered.")
    ] = False,
) -> None:
    """The solution's files; after a pass, or when giving up."""
    slug, place = checkout.exercise(name).slug, workspace_at(workspace)
    one = place.progress().of(slug)
    if not one.passes and not one.solution_seen and not give_up:
        raise Unusable(f"{slug} has not passed yet", f"lab solution {int(slug[:2])} --give-up")
    if not one.solution_seen:
        place.update(lambda old: old.having(slug, solution_seen="passed" if one.passes else "given_up"))
    for path in solution_files(slug):
        answer.print(f"# ---- {path.name}", markup=False)
        answer.print(path.read_text(encoding="utf-8"), markup=False)


def solution_files(slug: str) -> list[Path]:
    """The files of the reference solution itself."""
    return sorted(path for path in (SOLUTIONS / slug).iterdir() if path.suffix in (".py", ".c"))
