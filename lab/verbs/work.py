"""Verbs that put an exercise before the attendee: start, reset."""

from __future__ import annotations

from typing import Annotated

import typer

from grader.exercise import Exercise
from grader.target import Target
from lab import checkout
from lab.hosts import open_host, reset_host
from lab.known_workspaces import remember
from lab.options import ExerciseName, WorkspacePath
from lab.starter_changes import show_difference, take_changes, tell_changes
from lab.terminal import answer, say
from lab.waiting import waiting
from lab.workspace_search import workspace_at
from vocabulary.errors import Unusable
from workloads.discover import Restartable, load_workload, workload_names

NoHost = Annotated[bool, typer.Option("--no-host", help="Only copy the files; start nothing.")]


def add_to(app: typer.Typer) -> None:
    """Register these verbs."""
    app.command("start", help="Copy the starter and bring the workload up.\n\nExample: lab start 4")(start)
    app.command(
        "reset", help="Put something back; a backup is kept.\n\nExample: lab reset 4 --file tracer.py"
    )(reset)


def start(
    name: ExerciseName,
    workspace: WorkspacePath = None,
    no_host: NoHost = False,
    difference: Annotated[
        bool, typer.Option("--diff", help="Only show how the exercise changed since you started.")
    ] = False,
    merge: Annotated[
        bool, typer.Option("--merge", help="Only take these changes into your files; a backup is kept.")
    ] = False,
) -> None:
    """Copy what is not there yet, and show what is running and where."""
    exercise, place = checkout.exercise(name), workspace_at(workspace)
    if difference or merge:
        place.started_folder(exercise.slug)
        (show_difference if difference else take_changes)(place, exercise)
        return
    copied = place.start(exercise.slug, exercise.starter_files)
    remember(place.root)
    folder = place.folder(exercise.slug)
    say(f"copied {', '.join(copied)} to {folder}" if copied else f"your files in {folder} are untouched")
    tell_changes(place, exercise)
    if not no_host:
        with open_host("start", say) as host:
            target = load_workload(exercise.workload).up(host, say)
        show_target(target)
    answer.print(f"{exercise.number}. {exercise.title}: {exercise.goal}", markup=False)
    answer.print(f"read   {exercise.folder / 'README.md'}", markup=False)
    for file in exercise.starter_files:
        answer.print(f"edit   {folder / file}", markup=False)
    answer.print(f"then   lab run {exercise.number}, lab check {exercise.number}", markup=False)


def show_target(target: Target | None) -> None:
    """What is running and where, as the tracer will be told."""
    if target is None:
        answer.print("target the lab host itself: this exercise has no container", markup=False)
        return
    answer.print(
        f"target {target.name}: container {target.container_id[:12]}, pid {target.main_pid}", markup=False
    )
    answer.print(f"       binary {target.binary_path}", markup=False)
    answer.print(f"       cgroup {target.cgroup_path} ({target.cgroup_id})", markup=False)
    ports = ", ".join(f"{name} {port}" for name, port in target.ports.items())
    answer.print(f"       ports  {ports or 'none'} on the lab host", markup=False)


def restart_servers(exercise: Exercise | None) -> None:
    """New containers for what the exercise traces, or any exercise; the rest of the host stays as it is."""
    names = [exercise.workload] if exercise else workload_names()
    servers = {name: one for name in names if isinstance(one := load_workload(name), Restartable)}
    if exercise and not servers:
        said = f"exercise {exercise.number} has no server of its own to start again"
        raise Unusable(said, "lab reset --host   # puts the whole lab host back")
    with open_host("reset", say) as host:
        for name, server in servers.items():
            with waiting(f"restart {name}", "the server answers", say) as tell:
                tell("starting the server again")
                target = server.restart(host, tell)
            show_target(target)


def reset(
    name: Annotated[str, typer.Argument(help="Number or name.", autocompletion=checkout.complete)] = "",
    workspace: WorkspacePath = None,
    file: Annotated[str, typer.Option("--file", help="Only this file; without it, all files.")] = "",
    workload: Annotated[bool, typer.Option("--workload", help="Start the server again instead.")] = False,
    host: Annotated[bool, typer.Option("--host", help="Put the whole lab host back instead.")] = False,
) -> None:
    """Files from the starter, the workload, or the lab host."""
    if host:
        reset_host(say)
        return
    if workload:
        restart_servers(checkout.exercise(name) if name else None)
        return
    if not name:
        raise Unusable("which exercise?", "lab reset 4, or lab reset --host")
    exercise, place = checkout.exercise(name), workspace_at(workspace)
    place.require_started(exercise.slug)
    if file and file not in exercise.starter_files:
        raise Unusable(f"{exercise.slug} has no file {file}", f"lab reset {exercise.number} --file tracer.py")
    names = (file,) if file else exercise.starter_files
    backup = place.reset(exercise.slug, names, exercise.starter_files)
    say(f"{', '.join(names)} is the starter's again" + (f"; yours is kept in {backup}" if backup else ""))
