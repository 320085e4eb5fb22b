"""The user's folders, also where HOME or the XDG variables are missing or wrong."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from pathlib import Path

from lab.launch.trouble import CannotStart, say

FOLDERS = ("XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME")
ANOTHER = "export HOME=FOLDER   # FOLDER: one that you may write to"


def need_folders() -> None:
    """Make this process's variables sound, for itself and for what it becomes. Raises CannotStart."""
    for name in FOLDERS:
        if (value := os.environ.get(name)) and not Path(value).is_absolute():
            # As the standard wants it. Otherwise each folder one works in would get a cache of its own.
            say(f"{name}={value} does not begin with a slash, so it is ignored")
            del os.environ[name]
    if not os.environ.get("HOME"):
        # Then the system's list of users has it, if anybody does.
        os.environ.pop("HOME", None)
    if not has_home() and not all(map(os.environ.get, FOLDERS)):
        home = os.environ.get("HOME")
        why = f"HOME={home} does not begin with a slash" if home else "HOME is not set"
        raise CannotStart(f"there is no home folder for the lab's files: {why}", ANOTHER)


def has_home() -> bool:
    """Whether the user has one, by name at least."""
    try:
        return Path.home().is_absolute()
    except RuntimeError:
        return False


def cache_folder() -> Path:
    """Where the lab keeps what can be made again."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "ebpf-lab"
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "ebpf-lab"


def make_cache_folder(folder: Path) -> None:
    """Make a folder in the cache. Raises CannotStart where that is not possible."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))
    except OSError as error:
        raise cannot_write(error, folder) from error


def cannot_write(error: OSError, folder: Path) -> CannotStart:
    """What an error at writing below the cache folder means."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return CannotStart("the disk is full", look_at_disk(folder))
    where = error.filename or folder
    return CannotStart(f"the cache folder {folder} cannot be used: {where}: {error.strerror}", ANOTHER)


def need_room(folder: Path, needed_bytes: int) -> None:
    """Said before anything is made: pip and venv would fail in the middle, in words of their own."""
    free = shutil.disk_usage(folder).free
    if free < needed_bytes:
        raise CannotStart(
            f"the Python environment needs {needed_bytes >> 20} MB, {folder} has {free >> 20} MB left",
            look_at_disk(folder),
        )


def look_at_disk(*folders: Path) -> str:
    """A command about these folders, or about what is there of the way to them."""
    return " ".join(["df -h", *dict.fromkeys(str(nearest(folder)) for folder in folders)])


def nearest(folder: Path) -> Path:
    """The folder itself, or what is there of the way to it."""
    return folder if folder.exists() else nearest(folder.parent)
