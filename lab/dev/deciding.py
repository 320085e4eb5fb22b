"""The files that decide an exercise's results: what judges, sends traffic, or runs beside its tracers.

Found by following imports, so that a check or a workload that only other exercises use decides nothing here.
Texts do not decide: a result is an outcome, a check and a cause. Nor does what makes and reaches lab hosts
(`vm/`): hosts differ, and a verdict holds on each.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from grader.exercise_folder import read_settings

JUDGE_AND_HOST = ("grader/judge.py", "grader/observe.py", "grader/observing/host_files.py")
"""Each verdict comes through these modules."""
ON_THE_HOST = "grader/onhost"
"""Copied to each lab host as a whole."""
DECIDING = ("grader", "vocabulary", "workloads")
"""The packages that are followed."""
READ_ONLY_BY_PEOPLE = {"README.md", "hints.md", "diagram.svg", "sentences.toml"}


def deciding(slug: str, root: Path) -> list[Path]:
    """Files below the checkout `root`, sorted: those of the exercise, of its workload, and all they import.

    Raises ExerciseError for settings, and SyntaxError for Python, that cannot be read.
    """
    exercise = root / "exercises" / slug
    workload = read_settings(exercise / "exercise.toml")["workload"]
    folders = (exercise, root / "workloads" / workload, root / ON_THE_HOST)
    files = {path for folder in folders for path in files_below(folder)}
    new = files | {root / name for name in JUDGE_AND_HOST}
    while new:
        files |= new
        new = {module for path in new if path.suffix == ".py" for module in _imported(path, root)} - files
    return sorted(files)


def files_below(folder: Path) -> Iterator[Path]:
    """All files there that are not made by running and not for people alone, sorted."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts and path.name not in READ_ONLY_BY_PEOPLE:
            yield path


def _imported(source: Path, root: Path) -> Iterator[Path]:
    """The deciding files that this one imports, wherever in it; packages with their `__init__.py`."""
    for level, name in _names(source.read_bytes(), str(source)):
        if level:
            yield from _module(source.parents[level - 1], name)
        elif name.partition(".")[0] in DECIDING:
            yield from _module(root, name)


@cache
def _names(python: bytes, where: str) -> tuple[tuple[int, str], ...]:
    """What a file's text imports: how many dots, and the name behind them. All exercises share most files."""
    found: list[tuple[int, str]] = []
    for node in ast.walk(ast.parse(python, where)):
        if isinstance(node, ast.Import):
            found += [(0, one.name) for one in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = f"{node.module}." if node.module else ""
            found += [(node.level, f"{module}{one.name}") for one in node.names]
    return tuple(found)


def _module(start: Path, name: str) -> Iterator[Path]:
    """Those of a.py, a/__init__.py, a/b.py, a/b/__init__.py for `a.b` that exist below `start`."""
    parts = name.split(".")
    for end in range(1, len(parts) + 1):
        path = start.joinpath(*parts[:end])
        yield from (file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file())
