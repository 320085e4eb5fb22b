"""Nothing in grader/ knows a single exercise: words about a starter's functions and TODOs are the exercise's
own."""

from __future__ import annotations

import io
import re
import tokenize
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


def words(python: str) -> list[str]:
    """The lines of a file's texts and comments. A function of its own may be called like a starter's."""
    tokens = tokenize.generate_tokens(io.StringIO(python).readline)
    # Since Python 3.12 the text of an f-string is a token of its own.
    kinds = ("STRING", "COMMENT", "FSTRING_MIDDLE")
    texts = (one.string for one in tokens if tokenize.tok_name[one.type] in kinds)
    return [line for text in texts for line in text.splitlines()]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_it_names_no_function_todo_or_line_of_a_starter(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines() if path.suffix == ".toml" else words(text)
    found = [line for line in lines if KNOWN.search(line) or (path.suffix == ".toml" and LINE.search(line))]
    assert found == []


def test_words_are_what_a_person_reads_and_no_calls() -> None:
    source = 'def runs() -> None:\n    """See counts()."""\n    runs()  # as returned() does\n'
    assert words(source) == ['"""See counts()."""', "# as returned() does"]


def test_starters_functions_are_found() -> None:
    assert {"in_target", "counts", "kind_of", "returned"} <= functions()
