"""Nothing in grader/ knows a single exercise: words about a starter's functions and TODOs are the exercise's
own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grader.exercise_folder import discover, load

ROOT = Path(__file__).parents[2]
DEFINED = re.compile(
    r"^(?:def |(?:static )?(?:__always_inline )?(?:int|u64|void|bool) )(\w+)\(", re.MULTILINE
)
EXERCISES = discover(ROOT / "exercises")
FILES = [
    path
    for path in sorted((ROOT / "grader").rglob("*"))
    if path.suffix in (".py", ".toml") and "onhost" not in path.parts
]


def functions() -> set[str]:
    """All functions that starters define."""
    return {
        name
        for folder in EXERCISES
        for file in load(folder).starter_files
        for name in DEFINED.findall((folder / file).read_text(encoding="utf-8"))
    }


KNOWN = re.compile(rf"TODO \d|(?<![.\w])(?:{'|'.join(sorted(functions()))})\(\)")
LINE = re.compile(r"tracer\.(?:py|bpf\.c):\d")
"""Of a sentence; in code it is an example of how a line is written."""


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_it_names_no_function_todo_or_line_of_a_starter(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    found = [line for line in lines if KNOWN.search(line) or (path.suffix == ".toml" and LINE.search(line))]
    assert found == []


def test_starters_functions_are_found() -> None:
    assert {"in_target", "counts", "kind_of", "returned"} <= functions()
