"""Arguments and options that several verbs share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lab.checkout import complete
from lab.workspace import DEFAULT

ExerciseName = Annotated[
    str, typer.Argument(help="Number or name: 4, 04, kprobes.", metavar="EXERCISE", autocompletion=complete)
]
WorkspacePath = Annotated[
    Path, typer.Option("--workspace", "-w", help="The folder with your work.", metavar="FOLDER")
]
DEFAULT_WORKSPACE = DEFAULT
