"""Where this checkout's exercises and solutions are, and what a person may call them."""

from __future__ import annotations

from pathlib import Path

from grader import exercise_folder
from grader.exercise import Exercise

ROOT = Path(__file__).resolve().parent.parent
EXERCISES = ROOT / "exercises"
SOLUTIONS = ROOT / "solutions"


def slugs() -> tuple[str, ...]:
    """Names of all exercise folders, `04-kprobes`, by number."""
    return tuple(
        folder.name for folder in exercise_folder.discover(EXERCISES) if (folder / "exercise.toml").exists()
    )


def exercise(name: str) -> Exercise:
    """The exercise a person means by `4`, `04`, `kprobes` or `04-kprobes`."""
    return exercise_folder.load(exercise_folder.find(EXERCISES, name))


def demo_exercise() -> Exercise:
    """The exercise that says it is the one to show to newcomers; the first where none does."""
    found = [exercise(slug) for slug in slugs()]
    return next((one for one in found if one.demo), found[0])


def complete(incomplete: str) -> list[str]:
    """Shell completion: numbers and names that begin with what was typed."""
    return [
        word
        for slug in slugs()
        for word in (str(int(slug[:2])), slug[3:], slug)
        if word.startswith(incomplete.lower())
    ]
