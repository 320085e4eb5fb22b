"""The files that decide an exercise's results: what judges, sends traffic, or runs beside its tracers.

Found by following imports, so that a check or a workload that only other exercises use decides nothing here.
Texts do not decide: a result is an outcome, a check and a cause.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

JUDGE_AND_HOST = ("grader/judge.py", "grader/observe.py", "grader/observing/host_files.py")
"""Each verdict comes through these modules."""
ON_THE_HOST = "grader/onhost"
"""Copied to each lab host as a whole."""
READ_ONLY_BY_PEOPLE = {"README.md", "hints.md", "diagram.svg", "sentences.toml"}


def deciding(slug: str, root: Path) -> list[Path]:
    """Files below the checkout `root`, sorted: those of the exercise, of its workload, and all they import.

    Raises OSError or ValueError for an exercise that cannot be read.
    """
    exercise = root / "exercises" / slug
    workload = tomllib.loads((exercise / "exercise.toml").read_text(encoding="utf-8"))["workload"]
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
    """The project's own files that this one imports, wherever in it; packages with their `__init__.py`."""
    for node in ast.walk(ast.parse(source.read_bytes(), str(source))):
        if isinstance(node, ast.Import):
            for one in node.names:
                yield from _module(root, one.name)
        elif isinstance(node, ast.ImportFrom):
            start = source.parents[node.level - 1] if node.level else root
            for one in node.names:
                yield from _module(start, f"{node.module}.{one.name}" if node.module else one.name)


def _module(start: Path, name: str) -> Iterator[Path]:
    """Those of a.py, a/__init__.py, a/b.py, a/b/__init__.py for `a.b` that exist below `start`."""
    parts = name.split(".")
    for end in range(1, len(parts) + 1):
        path = start.joinpath(*parts[:end])
        yield from (file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file())
