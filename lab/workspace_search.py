"""Which folder is the workspace: the one that was named, else the nearest here or above, as git does it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from lab.workspace import Workspace
from vocabulary.errors import Unusable

NAME = "lab-work"


def workspace_at(chosen: Path | None) -> Workspace:
    """The workspace that was named with `--workspace`, or the one that is found. Its root is absolute."""
    return Workspace(found(_here()) if chosen is None else (_here() / chosen).resolve())


def beside(name: str) -> Path:
    """A folder of ours that lies beside the workspace, wherever in it somebody stands."""
    return found(_here()).parent / name


def found(here: Path) -> Path:
    """The nearest workspace: `here`, a folder above it, or the lab-work in one of these.

    Where there is none, the lab-work to be made in `here`; but never one inside another.
    """
    folders = list(_upwards(here))
    for folder in folders:
        for one in (folder, folder / NAME):
            if Workspace(one).exists() and os.access(one, os.W_OK):
                return one
    return next((folder for folder in folders if folder.name == NAME), here / NAME)


def _upwards(here: Path) -> Iterator[Path]:
    """`here` and what is above it, as far as nobody else may have put a workspace there, as in /tmp."""
    yield here
    for folder in here.parents:
        mode = folder.stat().st_mode
        if mode & stat.S_ISVTX and mode & stat.S_IWOTH:
            return
        yield folder


def _here() -> Path:
    try:
        return Path.cwd()
    except FileNotFoundError:
        raise Unusable("the folder you are in has been deleted", "cd") from None
