"""An exercise that changed after an attendee had started it: said, shown, taken in only when asked for."""

from __future__ import annotations

import difflib
from pathlib import Path

from grader.exercise import Exercise
from lab.atomic_file import write_atomically
from lab.merge import Conflict, merged
from lab.terminal import answer, say
from lab.workspace import Workspace


def tell_changes(place: Workspace, exercise: Exercise) -> None:
    """One line and a hint when the exercise is not what it was when the attendee got it."""
    changed = place.changed_since_start(exercise.slug)
    starters = [name for name in changed if name in exercise.starter_files]
    said = [f"the starter's {' and '.join(starters)}"] if starters else []
    said += ["the checks"] if len(starters) < len(changed) else []
    if said:
        say(f"{exercise.slug}: {' and '.join(said)} changed since you started; your files are untouched")
        say(f"hint: lab start {exercise.number} --diff")


def show_difference(place: Workspace, exercise: Exercise) -> None:
    """The exercise as it was beside the exercise as it is, as a unified diff; then what can be done."""
    text = difference(place, exercise)
    if not text:
        say(f"{exercise.slug} is as it was when you started")
        return
    answer.print(text, markup=False, end="")
    starters = set(place.changed_since_start(exercise.slug)).intersection(exercise.starter_files)
    what = "to take it in (a backup is kept)" if starters else "you have no copy of it; to stop being told"
    say(f"{what}: lab start {exercise.number} --merge")


def difference(place: Workspace, exercise: Exercise) -> str:
    """From the attendee's origin to now, all files that changed."""
    before, now = place.origin_folder(exercise.slug), place.exercises / exercise.slug
    return "".join(
        line
        for name in place.changed_since_start(exercise.slug)
        for line in difflib.unified_diff(
            _lines(before / name), _lines(now / name), f"{name} (when you started)", f"{name} (now)"
        )
    )


def take_changes(place: Workspace, exercise: Exercise) -> None:
    """Merge what changed in the starter into the attendee's files, file by file, after a backup.

    A file whose changes meet the attendee's stays as it is. The checks need no taking in: they are noted.
    """
    slug, changed = exercise.slug, place.changed_since_start(exercise.slug)
    sides = (place.folder(slug), place.exercises / slug)
    mine = [name for name in changed if all((side / name).exists() for side in sides)]
    texts, left = {}, {}
    for name in mine:
        try:
            texts[name] = _merged(place, slug, name)
        except Conflict as conflict:
            left[name] = conflict.line
    if texts:
        backup = place.back_up(slug, tuple(texts))
        for name, text in texts.items():
            write_atomically(place.folder(slug) / name, text.encode(errors="surrogateescape"))
        say(f"the starter's changes are in {' and '.join(texts)}; yours as it was is kept in {backup}")
    done = tuple(name for name in changed if name not in left)
    place.remember_origin(slug, done)
    for name, line in left.items():
        say(f"{name} is untouched: you and the starter changed the same place (line {line} of the starter)")
        say(f"hint: lab reset {exercise.number} --file {name}   # the new starter; yours is kept")
    if not texts and not left:
        say("the new checks are noted" if changed else f"{slug} is as it was when you started")


def _merged(place: Workspace, slug: str, name: str) -> str:
    base, mine = _lines(place.origin_folder(slug) / name), _lines(place.folder(slug) / name)
    return "".join(merged(base, mine, _lines(place.exercises / slug / name)))


def _lines(path: Path) -> list[str]:
    if not path.exists():
        return []
    # A diff of a last line without its end would run into the next file's.
    text = path.read_bytes().decode(errors="surrogateescape")
    return (text if text.endswith("\n") or not text else f"{text}\n").splitlines(keepends=True)
