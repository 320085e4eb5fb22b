"""Reads a file of sentences.

no_map = "in tracer.bpf.c they count into maps; tracer.py only reads those"    # cause -> where to look

[map_full]                                        # the same with a message of its own
message = "the map {name} has no room"
hint = "what is its size in tracer.bpf.c?"

[added_again]                                     # a finer case of a cause
cause = "stale_start"
hint = "tracer.py may add the values of a map again each time it looks"

[in.calls_with_data]                              # only in this check
no_map = "..."
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grader.errors import ExerciseError
from grader.sentences.sentence import Sentence

PARTS = ("cause", "message", "hint")
IN_CHECK = "in"
FIX = "lab dev check"

Table = dict[str, Sentence]


def read_sentences(path: Path) -> Mapping[str, Table]:
    """Name of a check -> its sentences; "" -> those of all checks. Raises ExerciseError with file and
    line.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ExerciseError(f"{path}: {error}", FIX) from None
    found = {"": {name: sentence(path, name, said) for name, said in document.items() if name != IN_CHECK}}
    checks = document.get(IN_CHECK, {})
    for check, table in checks.items() if isinstance(checks, dict) else ():
        if not isinstance(table, dict):
            raise wrong(path, check, f"[{IN_CHECK}.{check}] must be a table of causes")
        found[check] = {name: sentence(path, name, said) for name, said in table.items()}
    return found


def sentence(path: Path, name: str, said: Any) -> Sentence:
    """One of them: a text says where to look."""
    if isinstance(said, str):
        said = {"hint": said}
    if not isinstance(said, dict) or not all(isinstance(text, str) for text in said.values()):
        raise wrong(path, name, f"{name} must be a text, or a table of {', '.join(PARTS)}")
    for key in said:
        if key not in PARTS:
            raise wrong(path, name, f"{name} has an unknown key {key!r}; known are {', '.join(PARTS)}")
    if not said.get("message") and not said.get("hint"):
        raise wrong(path, name, f"{name} says nothing: give it a hint, a message, or both")
    return Sentence(said.get("cause"), said.get("message", ""), said.get("hint", ""))


def wrong(path: Path, key: str, what: str) -> ExerciseError:
    """An error that names the line of `key`, where it can be found."""
    return ExerciseError(f"{place(path, key)}: {what}", FIX)


def place(path: Path, key: str) -> str:
    """`file:line` of a key or a table in a file of TOML; the file alone when the key is not there."""
    pattern = re.compile(rf"^\s*(\[+\s*(\w+\.)?)?\"?{re.escape(key)}\"?\s*[=.\]]")
    lines = path.read_text(encoding="utf-8").splitlines() if key and path.is_file() else []
    number = next((number for number, line in enumerate(lines, 1) if pattern.match(line)), 0)
    return f"{path}:{number}" if number else str(path)
