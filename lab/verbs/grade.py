"""Verbs about a tracer's verdict: run, check, watch, replay, show."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from grader.attempt import Attempt
from grader.exercise import Exercise
from grader.judge import judge
from grader.verdict import Verdict
from grader.written import observation_file, verdict_json
from grader.written.printable import printable
from grader.written.render import render
from lab import checkout
from lab.comparison.compare import compare
from lab.dev.rejected.edit_list import SUFFIX
from lab.dev.rejected.tracers import from_list, solution_of
from lab.file_watch import watching
from lab.kept_host import KeptHost
from lab.live_table import live_table
from lab.one_check import Checked, capture, exit_code, one_check
from lab.options import ExerciseName, WorkspacePath
from lab.show import show_numbers
from lab.starter_changes import tell_changes
from lab.streams import reader_gone
from lab.terminal import answer, print_json, say, verdict_width
from lab.workspace import Workspace
from lab.workspace_search import workspace_at
from vocabulary.errors import Unusable

SHOW = """Show the last verdict: your numbers beside the truth, durations, the events furthest off, cost.

Also as a page. In a file, with TERM=dumb or NO_COLOR everything comes as sentences, as with --plain.

Example: lab show 4"""

AsJson = Annotated[bool, typer.Option("--json", help="Print the verdict as JSON, nothing else.")]
Seed = Annotated[int | None, typer.Option("--seed", help="Use this traffic: a practice verdict.")]
Tracer = Annotated[
    Path | None,
    typer.Option(
        "--tracer", help="Check the tracer in this folder, or of this edit list: a practice verdict."
    ),
]

Plain = Annotated[
    bool | None,
    typer.Option(
        "--plain/--drawn",
        help="Sentences for a screen reader, or bars. Without either: bars on a terminal that shows colours.",
    ),
]


def add_to(app: typer.Typer) -> None:
    """Register these verbs."""
    app.command("run", help="Run your tracer and see its numbers beside the truth.\n\nExample: lab run 4")(
        run
    )
    app.command("check", help="Grade your tracer.\n\nExample: lab check 4 --json")(check)
    app.command("watch", help="Grade your tracer whenever you save it.\n\nExample: lab watch 4")(watch)
    app.command("replay", help="Judge a saved observation again.\n\nExample: lab replay FILE.json.gz")(replay)
    app.command("show", help=SHOW)(show)


def check(
    name: ExerciseName,
    workspace: WorkspacePath = None,
    as_json: AsJson = False,
    seed: Seed = None,
    tracer: Tracer = None,
) -> None:
    """Exit code 0: pass, 1: fail, 70: the lab could not tell."""
    exercise, place = checkout.exercise(name), workspace_at(workspace)
    attempt = attempt_of(exercise, place, tracer)
    if tracer is None:
        tell_changes(place, exercise)
    checked = one_check(exercise, attempt, place, say, seed=seed, practice=tracer is not None)
    show_verdict(checked.verdict, as_json)
    raise typer.Exit(checked.exit_code)


def attempt_of(exercise: Exercise, place: Workspace, tracer: Path | None) -> Attempt:
    """The attendee's own attempt, or the one that --tracer names. Raises Unusable."""
    if tracer is None:
        return capture(place.started_folder(exercise.slug), exercise)
    if tracer.suffix == SUFFIX and tracer.is_file():
        return Attempt.of(from_list(tracer, solution_of(exercise)).files)
    if not tracer.is_dir():
        there = next(folder for folder in tracer.parents if folder.is_dir())
        raise Unusable(f"--tracer names {tracer}, and there is no such folder", f"ls {there}")
    return capture(tracer, exercise, lacking_hint=f"ls {tracer}")


def show_verdict(verdict: Verdict, as_json: bool, verb: str = "check") -> None:
    """The answer: JSON for programs, text for people."""
    if as_json:
        print_json(verdict_json.dumps(verdict))
    else:
        answer.print(render(verdict, width=verdict_width(), after=verb), markup=False, end="")


def run(name: ExerciseName, workspace: WorkspacePath = None, tracer: Tracer = None) -> None:
    """Like `check`, but shows numbers as they come, and is never an attempt."""
    exercise, place = checkout.exercise(name), workspace_at(workspace)
    attempt = attempt_of(exercise, place, tracer)
    with live_table(exercise.title) as table:
        checked = one_check(
            exercise, attempt, place, table.progress, practice=True, on_report=table.report, verb="run"
        )
        rows = compare(exercise, checked.settled.seen).rows if checked.settled.seen.tracer.ready else []
        table.finish(rows)
    if not checked.settled.seen.tracer.ready:
        # It has no numbers: what kept it from having some is the answer.
        show_verdict(checked.verdict, as_json=False, verb="run")
        show_output(checked)
        raise typer.Exit(checked.exit_code)
    show_output(checked)
    say(f"this was no check; when the numbers agree: lab check {exercise.number}")


def show_output(checked: Checked) -> None:
    """What the tracer said besides its report: its own lines, errors, and lines of the trace buffer."""
    tracer = checked.settled.seen.tracer
    parts = {
        "it printed": tracer.stdout_tail,
        "its errors": tracer.stderr_tail,
        "trace pipe": tracer.trace_pipe,
    }
    for title, text in parts.items():
        lines = text.strip().splitlines()
        if lines:
            answer.print(f"-- {title}" + (f" (the last 20 of {len(lines)} lines)" if len(lines) > 20 else ""))
            answer.print(printable("\n".join(lines[-20:])), markup=False)


def watch(name: ExerciseName, workspace: WorkspacePath = None) -> None:
    """Grades now and after every save, until Ctrl-C."""
    exercise, place = checkout.exercise(name), workspace_at(workspace)
    folder = place.started_folder(exercise.slug)
    with watching(folder, exercise.starter_files) as saved, KeptHost("watch", say) as kept:
        if saved.polls:
            say("this file system tells nothing of changes, so the files are looked at once a second")
        while True:
            checked = one_check(exercise, capture(folder, exercise), place, say, use_host=kept.used)
            show_verdict(checked.verdict, as_json=False)
            if reader_gone():
                return
            say(f"waiting for a save in {folder} (Ctrl-C ends)")
            say(f"{', '.join(saved.wait_for_change())} changed, checking again")


def replay(
    file: Annotated[Path, typer.Argument(help="A saved observation.", metavar="FILE")],
    as_json: AsJson = False,
) -> None:
    """Needs no lab host: the same observation gives the same verdict."""
    seen = observation_file.load(file)
    verdict = judge(checkout.exercise(seen.exercise), seen)
    show_verdict(verdict, as_json)
    raise typer.Exit(exit_code(verdict))


def show(name: ExerciseName, workspace: WorkspacePath = None, plain: Plain = None) -> None:
    """The verdict, what was reported beside what was really so, and where the page is."""
    exercise, place = checkout.exercise(name), workspace_at(workspace)
    last = place.progress().of(exercise.slug).last_verdict
    if not last or not (place.root / last).exists():
        raise Unusable(f"{exercise.slug} has no verdict yet", f"lab check {exercise.number}")
    verdict = read_verdict(place.root / last, f"lab check {exercise.number}")
    # The cost comes below, beside the solution's.
    told = render(replace(verdict, cost=()), width=verdict_width(), after="show")
    answer.print(told, markup=False)
    show_numbers(exercise, place, verdict, plain)


def read_verdict(path: Path, check_again: str) -> Verdict:
    """The verdict in a file. Raises Unusable when it was cut off, or made by another version of the lab."""
    text = path.read_text(encoding="utf-8", errors="replace")
    try:
        return verdict_json.loads(text)
    except json.JSONDecodeError as error:
        raise Unusable(f"the last verdict, {path}, is damaged or cut off", check_again) from error
    except ValueError as error:
        why = f"the last verdict, {path}, was made by another version of the lab ({error})"
        raise Unusable(why, check_again) from error
