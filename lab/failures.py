"""What is shown of an error, and the exit code that goes with it."""

from __future__ import annotations

import errno
import os
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from lab.launch.places import nearest
from vocabulary.errors import LabError
from vocabulary.exit_codes import BROKEN, INTERRUPTED, UNAVAILABLE, USAGE

APP = "ebpf-lab"


@dataclass(frozen=True)
class Explained:
    """What a person sees of an error, and the exit code that goes with it."""

    message: str
    hint: str
    exit_code: int

    def show(self) -> None:
        """Print it to standard error in the lab's one form."""
        hint = f"hint: {self.hint}\n" if self.hint else ""
        sys.stderr.write(f"lab: {self.message}\n{hint}")


def explain(error: BaseException) -> Explained:
    """Turn any exception into what is shown; an unexpected one is saved as a crash report first."""
    if isinstance(error, KeyboardInterrupt):
        return Explained("interrupted", "lab status", INTERRUPTED)
    if isinstance(error, LabError):
        return Explained(error.message, error.hint, error.exit_code)
    if callable(show := getattr(error, "format_message", None)):
        # typer carries a copy of click, so its usage errors are known by their shape.
        return Explained(_lower_start(str(show())), _help_of(error), USAGE)
    if isinstance(error, OSError) and (said := _of_files(error)) is not None:
        return said
    return Explained(
        f"something unexpected happened ({type(error).__name__})",
        f"less {save_crash(error)}   # please attach it to a bug report",
        BROKEN,
    )


def _of_files(error: OSError) -> Explained | None:
    """A full disk and a file that may not be touched are a person's to repair, whatever step met them."""
    name = str(error.filename or "")
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        places = [str(Path(name).parent)] if name else [".", str(nearest(platformdirs.user_cache_path(APP)))]
        return Explained("the disk is full", f"df -h {' '.join(places)}", UNAVAILABLE)
    if error.errno in (errno.EACCES, errno.EROFS) and name:
        if not Path(name).is_absolute() and not Path(name).exists():
            here = f"{Path.cwd()} cannot be written to: {error.strerror}"
            return Explained(here, "cd FOLDER   # one that you may write to", UNAVAILABLE)
        return Explained(f"{name} cannot be used: {error.strerror}", f"ls -ld {name}", UNAVAILABLE)
    return None


def _lower_start(text: str) -> str:
    return (text[:1].lower() + text[1:]).rstrip(".")


def _help_of(error: BaseException) -> str:
    path = getattr(getattr(error, "ctx", None), "command_path", "lab")
    return f"{path} --help"


def save_crash(error: BaseException) -> Path:
    """Write the traceback to a file of its own and say where; falls back to a folder that always works."""
    name = time.strftime("crash-%Y%m%d-%H%M%S") + f"-{os.getpid()}.txt"
    text = "".join(traceback.format_exception(error))
    for folder in (platformdirs.user_state_path(APP) / "crashes", Path("/tmp")):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(f"lab {' '.join(sys.argv[1:])}\n\n{text}", encoding="utf-8")
            return folder / name
        except OSError:
            continue
    return Path(name)
