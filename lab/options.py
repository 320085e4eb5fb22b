"""Arguments and options that several verbs share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lab.checkout import complete

ExerciseName = Annotated[
    str, typer.Argument(help="Number or name: 4, 04, kprobes.", metavar="EXERCISE", autocompletion=complete)
]
WorkspacePath = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        "-w",
        help="The folder with your work; without it lab-work, here or in a folder above.",
        metavar="FOLDER",
    ),
]
"""For `lab.workspace_search.workspace_at`."""
