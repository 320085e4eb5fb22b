"""`lab dev new`: a small exercise that loads, builds and passes its matrix, to write the own one over."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from grader import exercise_folder
from lab import checkout
from vocabulary.errors import Unusable

SKELETON = "_new"
"""Folder in `exercises/` and in `solutions/`; its name keeps it from being taken for an exercise."""
SLUG = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
"""Begins with a letter: `7` and `07-disk-writes` would be taken for exercise 7."""
EXAMPLE = "disk-writes"


@dataclass(frozen=True)
class NewExercise:
    """Where it was made."""

    number: int
    folders: tuple[Path, ...]


def make_exercise(
    slug: str,
    number: int | None,
    exercises: Path = checkout.EXERCISES,
    solutions: Path = checkout.SOLUTIONS,
) -> NewExercise:
    """Copy the skeleton's two folders, both or none. Without a number it gets the one after the last.

    Raises Unusable for a name or number that cannot be, or is taken.
    """
    if not SLUG.fullmatch(slug):
        what = "small letters, digits and hyphens, a letter first"
        raise Unusable(f"{slug!r} is no name for an exercise: {what}", f"lab dev new {like(slug)}")
    taken = {int(folder.name[:2]): folder.name for folder in exercise_folder.discover(exercises)}
    if any(name[3:] == slug for name in taken.values()):
        raise Unusable(f"there is an exercise called {slug} already", "lab list")
    chosen = max(taken, default=0) + 1 if number is None else number
    if chosen in taken:
        raise Unusable(f"number {chosen} is {taken[chosen]}", f"lab dev new {slug}")
    if not 1 <= chosen <= 99:
        raise Unusable("exercises have numbers from 1 to 99", f"lab dev new {slug} --number NUMBER")
    name = f"{chosen:02}-{slug}"
    made = tuple(parent / name for parent in (exercises, solutions))
    for folder in made:
        if folder.exists():
            raise Unusable(f"{folder} is there already", f"ls {folder}")
    words = {
        "@NUMBER@": str(chosen),
        "@SLUG@": name,
        "@TITLE@": slug.replace("-", " ").capitalize(),
    }
    try:
        for folder in made:
            copy_filled(folder.parent / SKELETON, folder, words)
    except BaseException:
        for folder in made:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    return NewExercise(chosen, made)


def like(slug: str) -> str:
    """The words of a command whose name can be: `7 Disk Writes` -> `disk-writes --number 7`."""
    number, *others = re.findall(r"[a-z]+[a-z0-9]*|[0-9]+", slug.lower()) or [EXAMPLE]
    if not number.isdecimal():
        return "-".join((number, *others))
    name = "-".join(others).lstrip("0123456789-") or EXAMPLE
    return f"{name} --number {int(number)}" if 1 <= int(number) <= 99 else name


def copy_filled(skeleton: Path, folder: Path, words: dict[str, str]) -> None:
    """Copy text files with their places filled in."""
    for path in sorted(skeleton.rglob("*")):
        if not path.is_file() or "__pycache__" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        for place, word in words.items():
            text = text.replace(place, word)
        target = folder / path.relative_to(skeleton)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
