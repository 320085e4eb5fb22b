"""What an attendee has done so far: a small versioned JSON file in the workspace."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from lab.atomic_file import write_atomically
from vocabulary.errors import Unusable

SCHEMA = 1


@dataclass(frozen=True)
class ExerciseProgress:
    """One exercise; all zero and empty before it was started."""

    started: str = ""
    """Local time of `lab start`, ISO 8601."""
    checks: int = 0
    """Verdicts that said pass or fail; an error is nobody's attempt."""
    passes: int = 0
    hints: int = 0
    """How many hints were taken."""
    solution_seen: str = ""
    """`` (not seen), `passed` (after a pass) or `given_up`."""
    last_outcome: str = ""
    last_verdict: str = ""
    """Path of the last saved verdict, relative to the workspace."""
    origin: dict[str, str] = field(default_factory=dict)
    """File name -> digest of the exercise's own files at the time of `lab start`."""


@dataclass(frozen=True)
class Progress:
    """Slug -> progress."""

    exercises: dict[str, ExerciseProgress] = field(default_factory=dict)

    def of(self, slug: str) -> ExerciseProgress:
        """That exercise's progress, empty when it was never started."""
        return self.exercises.get(slug, ExerciseProgress())

    def having(self, slug: str, **changes: Any) -> Progress:
        """The same with some fields of one exercise changed."""
        return Progress({**self.exercises, slug: replace(self.of(slug), **changes)})


def load_progress(path: Path) -> Progress:
    """Read the file; a missing one is empty progress.

    Raises Unusable for one that is damaged or was written by a newer lab.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Progress()
    try:
        document = json.loads(text)
        if document["schema"] > SCHEMA:
            raise Unusable(f"{path} was written by a newer version of the lab", "git pull")
        known = ExerciseProgress.__dataclass_fields__
        return Progress(
            {
                slug: ExerciseProgress(**{key: value for key, value in fields.items() if key in known})
                for slug, fields in document["exercises"].items()
            }
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unusable(f"the progress file is damaged: {path}", f"mv {path} {path}.damaged") from error


def save_progress(path: Path, progress: Progress) -> None:
    """Write it in one step."""
    document = {
        "schema": SCHEMA,
        "exercises": {slug: asdict(one) for slug, one in progress.exercises.items()},
    }
    write_atomically(path, (json.dumps(document, indent=1, sort_keys=True) + "\n").encode())
