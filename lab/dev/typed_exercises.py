"""Type-checks the Python files of the exercises, and the tests of each.

Their folders' names begin with digits and hold dashes, which no module may have: mypy is shown each as the
package that `grader.exercise_code` makes of it, by a link of that name, and its tests as another.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from grader.exercise_code import package_name
from grader.exercise_folder import discover
from lab.checkout import ROOT
from lab.dev.new_exercise import SKELETON
from lab.terminal import say


def type_check(root: Path = ROOT) -> int:
    """mypy's exit code; what it says names the files as they lie below `root`."""
    exercises = [*discover(root / "exercises"), *(root / "exercises").glob(SKELETON)]
    tested = discover(root / "tests" / "exercises")
    shown = {package_name(folder): folder for folder in exercises}
    shown_tests = {f"tests_of_{package_name(folder)}": folder for folder in tested}
    modules = [*own_modules(shown), *modules_of_tests(shown_tests)]
    with tempfile.TemporaryDirectory() as links:
        for name, folder in (shown | shown_tests).items():
            (Path(links) / name).symlink_to(folder)
        ran = subprocess.run(
            [sys.executable, "-m", "mypy", *(word for module in modules for word in ("-m", module))],
            cwd=ROOT,
            env={**os.environ, "MYPYPATH": f"{links}:{ROOT}"},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
    for line in ran.stdout.splitlines():
        say(as_written(line, links, shown | shown_tests))
    return ran.returncode


def own_modules(shown: Mapping[str, Path]) -> list[str]:
    """Of exercises' packages: whatever Python a folder holds but the starter's, which exercise.toml names."""
    names = []
    for package, folder in shown.items():
        settings = (folder / "exercise.toml").read_text(encoding="utf-8")
        own = [path for path in sorted(folder.glob("*.py")) if f'"{path.name}"' not in settings]
        names += [f"{package}.{path.stem}" for path in own]
        names += [f"{package}.mistakes.{path.stem}" for path in sorted(folder.glob("mistakes/*.py"))]
    return names


def modules_of_tests(shown: Mapping[str, Path]) -> list[str]:
    """Of packages of their tests: every Python file."""
    return [
        f"{package}.{path.stem}" for package, folder in shown.items() for path in sorted(folder.glob("*.py"))
    ]


def as_written(line: str, links: str, shown: Mapping[str, Path]) -> str:
    """A line of mypy's with the links' names taken back."""
    for name, folder in shown.items():
        for link in (f"{links}/{name}/", f"{os.path.relpath(links, ROOT)}/{name}/"):
            line = line.replace(link, f"{folder}/")
    return line
