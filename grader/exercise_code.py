"""The Python files of an exercise's folder: checks.py, traffic.py and mistakes/.

The folder's name begins with a digit, so it cannot be imported by name: it becomes a package of its own,
whose files import each other as `.traffic` and `..checks`.
"""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from grader.errors import ExerciseError
from grader.exercise import Check, Misconception, Recorder

LIKELIER_THAN = "LIKELIER_THAN"
FIX = "lab dev check"


class ExerciseCode:
    """The files, read anew each time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.package = package_name(folder)
        self._forget()
        package = ModuleType(self.package)
        package.__path__ = [str(folder)]
        sys.modules[self.package] = package
        importlib.invalidate_caches()
        self.traffic = self.module("traffic")
        self.checks = self.module("checks")

    def module(self, name: str) -> ModuleType:
        """One file by its name: `checks`, `mistakes.no_filter`. Raises ExerciseError with file and line."""
        path = self.folder.joinpath(*name.split(".")).with_suffix(".py")
        if not path.is_file():
            raise ExerciseError(f"{path} is missing", FIX)
        try:
            return importlib.import_module(f"{self.package}.{name}")
        except ExerciseError:
            raise
        except Exception as error:
            self._forget()
            raise ExerciseError(
                f"{self._place(error, path)}: {type(error).__name__}: {error}", FIX
            ) from error

    def _forget(self) -> None:
        for name in [one for one in sys.modules if one == self.package or one.startswith(f"{self.package}.")]:
            del sys.modules[name]

    def _place(self, error: Exception, path: Path) -> str:
        """The line of the exercise in which it went wrong."""
        if isinstance(error, SyntaxError) and error.filename:
            return f"{error.filename}:{error.lineno}"
        frames = traceback.extract_tb(error.__traceback__)
        own = [one for one in frames if Path(one.filename).is_relative_to(self.folder)]
        return f"{own[-1].filename}:{own[-1].lineno}" if own else str(path)

    def recorder(self) -> Recorder:
        """RECORDER, which must be a Recorder."""
        recorder = wanted(self.traffic, "RECORDER")
        if not isinstance(recorder, Recorder):
            raise ExerciseError(f"{self.traffic.__file__}: RECORDER must be a grader.exercise.Recorder", FIX)
        return recorder

    def list_of_checks(self) -> tuple[Check, ...]:
        """CHECKS: each has a name of its own, and needs only checks that come before it."""
        checks, before = tuple(wanted(self.checks, "CHECKS")), list[str]()
        for check in checks:
            if not isinstance(check, Check):
                raise self._in_checks(
                    f"CHECKS has a {type(check).__name__}, which is no grader.exercise.Check"
                )
            if check.name in before:
                raise self._in_checks(f"CHECKS has two checks of the name {check.name}")
            unknown = [name for name in check.needs if name not in before]
            if unknown:
                raise self._in_checks(f"{check.name} needs {unknown[0]}, which is no check before it")
            before.append(check.name)
        return checks

    def _in_checks(self, what: str) -> ExerciseError:
        return ExerciseError(f"{placed(self.checks.__file__, 'CHECKS')}: {what}", FIX)

    def misconceptions(self) -> tuple[Misconception, ...]:
        """Those of mistakes/, the likelier ones first."""
        files = sorted((self.folder / "mistakes").glob("[!_]*.py"))
        return in_order(
            {path.stem: self._misconception(path.stem) for path in files}, self.folder / "mistakes"
        )

    def _misconception(self, cause: str) -> Misconception:
        module = self.module(f"mistakes.{cause}")
        first, _, rest = (module.__doc__ or "").strip().partition("\n")
        if not first:
            raise ExerciseError(
                f"{module.__file__}:1: say in a docstring what a tracer with this mistake does", FIX
            )
        numbers, likelier = getattr(module, "numbers", None), getattr(module, LIKELIER_THAN, {})
        if not callable(numbers):
            what = "define numbers: from a run to what a tracer with this mistake would print"
            raise ExerciseError(f"{placed(module.__file__, 'numbers')}: {what}", FIX)
        return Misconception(cause, first.rstrip("."), " ".join(rest.split()), numbers, likelier)


def in_order(found: Mapping[str, Misconception], folder: Path) -> tuple[Misconception, ...]:
    """The likelier ones first, as the files declare it, else by name."""
    for one in found.values():
        for other, reason in one.likelier_than.items():
            path = folder / f"{one.cause}.py"
            wrong = "must say why" if not reason else "names no mistake of this exercise"
            if not reason or other not in found or other == one.cause:
                raise ExerciseError(f"{placed(path, LIKELIER_THAN)}: {LIKELIER_THAN} {wrong}: {other!r}", FIX)
    left, ordered = sorted(found), list[Misconception]()
    while left:
        free = next((name for name in left if not any(name in found[one].likelier_than for one in left)), "")
        if not free:
            raise ExerciseError(f"{folder}: {LIKELIER_THAN} goes round in a circle: {', '.join(left)}", FIX)
        left.remove(free)
        ordered.append(found[free])
    return tuple(ordered)


def package_name(folder: Path) -> str:
    """`04-kprobes` -> `exercise_04_kprobes`."""
    return f"exercise_{folder.name.replace('-', '_')}"


def wanted(module: ModuleType, name: str) -> Any:
    """A name that this file must define."""
    if not hasattr(module, name):
        raise ExerciseError(f"{module.__file__} does not define {name}", FIX)
    return getattr(module, name)


def placed(path: Path | str | None, name: str) -> str:
    """`file:line` where this file gives the name a value; its first line when it does not."""
    lines = Path(str(path)).read_text(encoding="utf-8").splitlines()
    number = next((number for number, line in enumerate(lines, 1) if line.startswith(name)), 1)
    return f"{path}:{number}"
