"""`lab demo`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lab import checkout
from lab.demo import WORKSPACE, demo
from lab.options import ExerciseName
from lab.terminal import say
from lab.workspace_search import beside, workspace_at


def add_to(app: typer.Typer) -> None:
    """Register it."""
    app.command("demo", help="From nothing to a graded tracer.\n\nExample: lab demo")(run_demo)


def run_demo(
    name: ExerciseName = "",
    workspace: Annotated[
        Path | None,
        typer.Option("--workspace", "-w", help="Its own folder; without it demo-work.", metavar="FOLDER"),
    ] = None,
) -> None:
    """Without a name: the exercise whose exercise.toml says `demo = true`."""
    exercise = checkout.exercise(name) if name else checkout.demo_exercise()
    raise typer.Exit(demo(exercise, workspace_at(workspace or beside(WORKSPACE)), say))
