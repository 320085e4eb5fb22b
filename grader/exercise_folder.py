"""Reads an exercise from its folder, and finds the folder a person meant."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grader.errors import ExerciseError
from grader.exercise import Exercise
from grader.exercise_code import ExerciseCode, wanted
from grader.exercise_words import read_words
from grader.onhost.jail.options import NEEDS

FOLDER_NAME = re.compile(r"^(\d\d)-([a-z0-9]+(?:-[a-z0-9]+)*)$")
SETTINGS: Mapping[str, type] = {
    "number": int,
    "title": str,
    "goal": str,
    "minutes": int,
    "workload": str,
    "starter_files": list,
}
OPTIONAL: Mapping[str, type] = {"needs": list, "demo": bool}
HINTS = 3


def discover(root: Path) -> tuple[Path, ...]:
    """The exercise folders below `root`, by number. A folder belongs when its name is `NN-slug`."""
    if not root.is_dir():
        return ()
    return tuple(
        sorted(entry for entry in root.iterdir() if entry.is_dir() and FOLDER_NAME.match(entry.name))
    )


def find(root: Path, name: str) -> Path:
    """The folder that `3`, `03`, `workload` or `03-workload` names.

    Raises ExerciseError, with the nearest right name, when there is none.
    """
    folders = discover(root)
    wanted = name.strip().lower().rstrip("/")
    for folder in folders:
        if wanted in names(folder):
            return folder
        if wanted.isdecimal() and int(wanted) == int(folder.name[:2]):
            return folder
    known = {known_name: folder for folder in folders for known_name in names(folder)}
    # No number is near another: 44 is not meant to be 4.
    near = [] if wanted.isdecimal() else difflib.get_close_matches(wanted, known, n=1, cutoff=0.5)
    meant = f"; did you mean {near[0]}?" if near else ""
    raise ExerciseError(f"exercise {name} does not exist{meant}", "lab list")


def names(folder: Path) -> tuple[str, ...]:
    """Every name a person may give this exercise: `03`, `workload`, `03-workload`."""
    return folder.name[:2], folder.name[3:], folder.name


def load(folder: Path) -> Exercise:
    """The exercise in this folder. Raises ExerciseError naming the file, and the line where there is one."""
    settings = read_settings(folder / "exercise.toml")
    match = FOLDER_NAME.match(folder.name)
    if match is None or int(match[1]) != settings["number"]:
        raise broken(
            folder / "exercise.toml",
            f"number is {settings['number']}, but the folder is {folder.name}",
            "number",
        )
    starters = tuple(settings["starter_files"])
    for name in ("README.md", *starters):
        if not (folder / name).is_file():
            raise ExerciseError(f"{folder / name} is missing", f"lab dev check {settings['number']}")
    code = ExerciseCode(folder)
    checks = code.list_of_checks()
    return Exercise(
        folder=folder,
        number=settings["number"],
        slug=folder.name,
        title=settings["title"],
        goal=settings["goal"],
        minutes=settings["minutes"],
        workload=settings["workload"],
        starter_files=starters,
        plan=wanted(code.traffic, "plan"),
        recorder=code.recorder(),
        checks=checks,
        evidence=tuple(getattr(code.traffic, "EVIDENCE", ())),
        misconceptions=code.misconceptions(),
        words=read_words(folder / "sentences.toml", checks),
        summary=getattr(code.checks, "summary", None),
        hints=read_hints(folder / "hints.md"),
        pairs=getattr(code.checks, "pairs", None),
        graded=dict(getattr(code.checks, "GRADED", {})),
        planted_durations=getattr(code.traffic, "planted_durations", None),
        needs=tuple(settings.get("needs", ())),
        demo=settings.get("demo", False),
    )


def read_settings(path: Path) -> dict[str, Any]:
    """The keys of exercise.toml, each of its right type; unknown and missing ones are refused."""
    try:
        text = path.read_text(encoding="utf-8")
        settings = tomllib.loads(text)
    except FileNotFoundError:
        raise ExerciseError(f"{path} is missing", "lab list") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ExerciseError(f"{path}: {error}", "lab dev check") from None
    known = {**SETTINGS, **OPTIONAL}
    for key, value in settings.items():
        kind = known.get(key)
        if kind is None:
            raise broken(path, f"unknown key {key!r}; known are {', '.join(known)}", key)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise broken(path, f"{key} must be {plain_type(kind)}", key)
    for key in SETTINGS:
        if key not in settings:
            raise broken(path, f"{key} is missing", "")
    names_in_list = settings["starter_files"]
    if not names_in_list or not all(isinstance(item, str) and "/" not in item for item in names_in_list):
        raise broken(path, "starter_files must be a list of file names", "starter_files")
    unknown = [need for need in settings.get("needs", ()) if need not in NEEDS]
    if unknown:
        raise broken(path, f"needs has {unknown[0]!r}; known are {', '.join(NEEDS)}", "needs")
    return settings


def read_hints(path: Path) -> tuple[str, ...]:
    """The three sections of hints.md, each with its heading, from nudge to near-answer."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ExerciseError(f"{path} is missing", "lab dev check") from None
    sections = [part.strip() for part in re.split(r"^(?=## )", text, flags=re.MULTILINE)]
    hints = tuple(part for part in sections if part.startswith("## "))
    empty = [part for part in hints if "\n" not in part]
    if len(hints) != HINTS or empty:
        raise ExerciseError(
            f"{path} must hold {HINTS} sections that begin with '## ', none empty; it has {len(hints)}",
            "lab dev check",
        )
    return hints


def broken(path: Path, what: str, key: str) -> ExerciseError:
    """An error that names the line of `key`, where it can be found."""
    line = 0
    if key and path.is_file():
        pattern = re.compile(rf"^\s*(\[+\s*)?\"?{re.escape(key)}\"?\s*[=.\]]")
        for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if pattern.match(text):
                line = number
                break
    place = f"{path}:{line}" if line else str(path)
    return ExerciseError(f"{place}: {what}", "lab dev check")


def plain_type(kind: type) -> str:
    """How a type is called in an error."""
    return {int: "a whole number", str: "a text in quotes", list: "a list", bool: "true or false"}[kind]
