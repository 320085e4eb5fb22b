"""A saved machine that came from another computer: packed, kept, and made this installation's own.

It was saved with keys that nobody has. The guest's agent gives it this installation's keys, and then it is
saved again, as a template like any other. What does not start here is dropped: a cold start always works.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from vm import machine_template
from vm.errors import HostSetupError
from vm.folders import Folders
from vm.machine_start import DOES_NOT_FIT, Start
from vm.programs import require_programs, run_program
from vm.qemu.template import PAIR, Template

UNFIT = ".unfit"
"""Ends the name of the note that a shipped machine did not start here, so that it is not tried again."""


def folder_of(folders: Folders, fit: str) -> Path:
    """Where the shipped machine with this fit lies until it is taken over."""
    return folders.shipped / fit


def is_wanted(start: Start) -> bool:
    """Whether a shipped machine that fits would be of use: none is saved, kept, or known not to start."""
    kept = folder_of(start.folders, start.fit)
    saved = start.folders.templates / start.key
    return not saved.exists() and not kept.exists() and not _unfit_note(kept).exists()


def pack(template: Template, file: Path) -> None:
    """Write the three files of a template to `file`, a tar archive packed with zstd."""
    require_programs("tar", "zstd")
    argv = ["tar", "--sparse", "--use-compress-program=zstd -T0 -6", "-cf", str(file)]
    run_program([*argv, "-C", str(template.folder), *PAIR], "packing the saved machine")


def unpack(file: Path, folders: Folders, fit: str) -> None:
    """Put a packed machine where the next start finds it; complete or not there."""
    require_programs("tar", "zstd")
    folder = folder_of(folders, fit)
    work = folder.with_name(f"{fit}.unpacking")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        argv = ["tar", "--use-compress-program=zstd", "--no-same-owner", "-xf", str(file), "-C", str(work)]
        run_program([*argv, *PAIR], "unpacking the saved machine")
        work.rename(folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def taken_over(start: Start) -> Template | None:
    """The template made of a shipped machine that fits, None when there is none or it does not start."""
    kept = folder_of(start.folders, start.fit)
    if not all((kept / name).exists() for name in PAIR):
        return None
    start.progress("making the bundle's saved machine yours")
    with machine_template.working_folder(start.folders.templates, start.key) as work, _consumed(kept):
        for name in PAIR:
            (kept / name).rename(work / name)
        try:
            return start.take_over(work)
        except (*DOES_NOT_FIT, HostSetupError) as error:
            _unfit_note(kept).touch()
            start.progress(f"it does not start here ({str(error).partition(chr(10))[0]}): starting from cold")
            return None


@contextlib.contextmanager
def _consumed(kept: Path) -> Iterator[None]:
    """Its files are written to while it is taken over: after any end there is nothing to try again."""
    try:
        yield
    finally:
        shutil.rmtree(kept, ignore_errors=True)


def _unfit_note(kept: Path) -> Path:
    return kept.with_name(f"{kept.name}{UNFIT}")
