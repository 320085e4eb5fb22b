"""The Pythons of this machine. In syntax that old ones can read, because they are the first to run it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)
NEWEST_MINOR = 30
"""Beyond any that is looked for."""
LAUNCHER = Path(__file__).resolve().parent.parent.parent / "bin" / "lab"


def this() -> str:
    """`3.11`: the Python that runs."""
    return f"{sys.version_info[0]}.{sys.version_info[1]}"


def use_new_enough() -> None:
    """Run again under a newer Python when this one is too old; end with a message when there is none."""
    if sys.version_info >= OLDEST:
        return
    for newer in installed(NEWEST_MINOR):
        run_again_under(newer)
    oldest = f"{OLDEST[0]}.{OLDEST[1]}"
    sys.stderr.write(
        f"lab: Python {oldest} or newer is needed, this is {this()}\n"
        f"hint: sudo apt-get install python{oldest} python{oldest}-venv\n"
    )
    raise SystemExit(69)


def installed(newest_minor: int) -> "list[str]":
    """Paths of those that are new enough and no newer, the newest first.

    Each was tried: a stand-in of a version manager may lead nowhere.
    """
    names = [f"python3.{minor}" for minor in range(newest_minor, OLDEST[1] - 1, -1)]
    return [path for path in map(shutil.which, names) if path and runs(path)]


def older() -> "list[str]":
    """The same, of those that are older than this one."""
    return installed(sys.version_info[1] - 1)


def runs(path: str) -> bool:
    """Whether a Python is there, starts, and is new enough."""
    asking = f"import sys; sys.exit(sys.version_info < {OLDEST})"
    quiet = subprocess.DEVNULL
    try:
        return subprocess.call([path, "-c", asking], stdin=quiet, stdout=quiet, stderr=quiet) == 0
    except OSError:
        return False


def run_again_under(path: str) -> None:
    """Become the launcher under another Python, with the same words."""
    os.execv(path, [path, str(LAUNCHER), *sys.argv[1:]])
