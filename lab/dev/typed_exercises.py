"""Type-checks the Python files of the exercises.

Their folders' names begin with digits and hold dashes, which no module may have: mypy is shown each as the
package that `grader.exercise_code` makes of it, by a link of that name.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from grader.exercise_code import package_name
from grader.exercise_folder import discover
from lab.checkout import EXERCISES, ROOT
from lab.dev.new_exercise import SKELETON
from lab.terminal import say


def type_check(exercises: Path = EXERCISES) -> int:
    """mypy's exit code; what it says names the files as they lie in `exercises`."""
    folders = [*discover(exercises), *exercises.glob(SKELETON)]
    with tempfile.TemporaryDirectory() as links:
        for folder in folders:
            (Path(links) / package_name(folder)).symlink_to(folder)
        ran = subprocess.run(
            [sys.executable, "-m", "mypy", *packages(folders)],
            cwd=ROOT,
            env={**os.environ, "MYPYPATH": f"{links}:{ROOT}"},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
    for line in ran.stdout.splitlines():
        say(as_written(line, links, folders))
    return ran.returncode


def packages(folders: Sequence[Path]) -> list[str]:
    """Each module by name: whatever Python the folder holds but the starter's, which exercise.toml names."""
    names = []
    for folder in folders:
        package = package_name(folder)
        settings = (folder / "exercise.toml").read_text(encoding="utf-8")
        own = [path for path in sorted(folder.glob("*.py")) if f'"{path.name}"' not in settings]
        names += [f"{package}.{path.stem}" for path in own]
        names += [f"{package}.mistakes.{path.stem}" for path in sorted(folder.glob("mistakes/*.py"))]
    return [word for name in names for word in ("-m", name)]


def as_written(line: str, links: str, folders: Sequence[Path]) -> str:
    """A line of mypy's with the links' names taken back."""
    for folder in folders:
        for link in (
            f"{links}/{package_name(folder)}/",
            f"{os.path.relpath(links, ROOT)}/{package_name(folder)}/",
        ):
            line = line.replace(link, f"{folder}/")
    return line
