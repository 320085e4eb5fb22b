"""Where this checkout's exercises and solutions are, and what a person may call them."""

from __future__ import annotations

from pathlib import Path

from grader import exercise_folder
from grader.exercise import Exercise
from workloads.discover import workload_names

ROOT = Path(__file__).resolve().parent.parent
EXERCISES = ROOT / "exercises"
SOLUTIONS = ROOT / "solutions"
AUTHORS_PAGE = ROOT / "site" / "pages" / "authors" / "new-exercise.md"


def slugs() -> tuple[str, ...]:
    """Names of all exercise folders, `04-kprobes`, by number."""
    return tuple(
        folder.name for folder in exercise_folder.discover(EXERCISES) if (folder / "exercise.toml").exists()
    )


def exercise(name: str) -> Exercise:
    """The exercise a person means by `4`, `04`, `kprobes` or `04-kprobes`.

    Raises ExerciseError, naming the file, also for a workload that there is not.
    """
    found = exercise_folder.load(exercise_folder.find(EXERCISES, name))
    require_workload(found.workload, found.folder)
    return found


def workloads_named() -> tuple[str, ...]:
    """The workloads of all exercises, sorted. Raises ExerciseError like `exercise`; loads no exercise."""
    folders = [EXERCISES / slug for slug in slugs()]
    named = {str(exercise_folder.read_settings(one / "exercise.toml")["workload"]): one for one in folders}
    for workload, folder in named.items():
        require_workload(workload, folder)
    return tuple(sorted(named))


def require_workload(workload: str, folder: Path) -> None:
    """Raises ExerciseError, with the line of this exercise's settings, for a workload that there is not."""
    known = workload_names()
    if workload not in known:
        what = f"there is no workload {workload!r}; known are {', '.join(known)}"
        raise exercise_folder.broken(folder / "exercise.toml", what, "workload")


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
