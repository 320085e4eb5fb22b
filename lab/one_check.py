"""One `lab check N`, a straight line: load, capture, open the host, workload up, observe, judge, save."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from grader.attempt import Attempt
from grader.exercise import Exercise
from grader.judge import judge
from grader.observation import Observation
from grader.observe import observe
from grader.verdict import Outcome, Verdict
from grader.written import observation_file, verdict_json
from lab.atomic_file import write_atomically
from lab.dev.rejected.edit_list import SUFFIX
from lab.kept_host import UseHost, used_once
from lab.local_checks import read_here, silent_about_ready
from lab.settings import load_settings
from lab.settle import Settled, new_seed, settle
from lab.terminal import say
from lab.workspace import OBSERVATIONS, Workspace
from vocabulary.errors import Unusable
from vocabulary.exit_codes import BROKEN, FAILED, PASSED
from workloads.discover import load_workload

Progress = Callable[[str], None]
OnReport = Callable[[Mapping[str, Any]], None]

PRACTICE = "practice"
EXIT_CODES = {Outcome.PASS: PASSED, Outcome.FAIL: FAILED}


@dataclass(frozen=True)
class Checked:
    """A verdict that was saved, with the runs it was judged from."""

    settled: Settled

    @property
    def verdict(self) -> Verdict:
        """The verdict."""
        return self.settled.verdict

    @property
    def exit_code(self) -> int:
        """0 pass, 1 fail, 70 when the lab could not tell."""
        return exit_code(self.verdict)


def exit_code(verdict: Verdict) -> int:
    """What the process ends with after this verdict."""
    return EXIT_CODES.get(verdict.outcome, BROKEN)


def capture(folder: Path, exercise: Exercise, *, lacking_hint: str = "") -> Attempt:
    """The attempt as it stands in a folder now: the exercise's files, and any other the tracer may need.

    Folders in it that hold a file of such a name, or edit lists, are other attempts, and left out: an older
    one, or the variants and rejected tracers of a solution. Raises Unusable when one of the exercise's files
    is missing, a link leads out of the folder, or it is far too large. `lacking_hint`: what helps where
    `lab start` does not bring the files.
    """
    files = [
        path for path in sorted(folder.rglob("*")) if path.is_file() and belongs(path.relative_to(folder))
    ]
    tracers = [path for path in files if path.name in exercise.starter_files or path.suffix == SUFFIX]
    others = {path.parent for path in tracers} - {folder}
    paths = {str(path.relative_to(folder)): path for path in files if others.isdisjoint(path.parents)}
    missing = [name for name in exercise.starter_files if name not in paths]
    if missing:
        raise Unusable(f"{folder} lacks {', '.join(missing)}", lacking_hint or f"lab start {exercise.number}")
    # An attempt is kept and may be passed on: a link must not put somebody's keys into it.
    outside = [path for path in paths.values() if not path.resolve().is_relative_to(folder.resolve())]
    if outside:
        raise Unusable(f"{outside[0]} is a link that leads out of {folder}", f"ls -l {outside[0]}")
    if sum(path.stat().st_size for path in paths.values()) > MOST_BYTES or len(paths) > MOST_FILES:
        raise Unusable(f"{folder} holds more than a tracer needs: 1 MB and 100 files at most", f"ls {folder}")
    return Attempt.of({name: path.read_bytes() for name, path in paths.items()})


MOST_BYTES, MOST_FILES = 1_000_000, 100


def belongs(path: Path) -> bool:
    """Whether a file is part of the attempt; editors' and Python's leftovers are not."""
    return not any(
        part.startswith(".") or part in ("__pycache__",) or part.endswith("~") for part in path.parts
    )


def one_check(
    exercise: Exercise,
    attempt: Attempt,
    place: Workspace,
    progress: Progress,
    *,
    seed: int | None = None,
    practice: bool = False,
    on_report: OnReport | None = None,
    verb: str = "check",
    use_host: UseHost | None = None,
) -> Checked:
    """The whole check. A practice verdict is saved, but is no progress. `use_host` is for a verb with many.

    Raises what the host's package raises when the host is not to be had or lost.
    """
    practice = practice or seed is not None
    if (checked := graded_here(exercise, attempt, place, seed, practice=practice)) is not None:
        return checked
    if doubt := silent_about_ready(attempt):
        say(f"warning: {doubt}")
    workload = load_workload(exercise.workload)
    with (use_host or partial(used_once, verb, progress))() as (host, opened):

        def one_run(with_seed: int) -> Observation:
            # Asked before every run: a server that died in one must not spoil the next.
            target = workload.up(host, progress)
            (seen,) = observe(
                exercise, [attempt], host, target, workload, with_seed, progress, on_report, opened
            )
            return seen

        settled = settle(exercise, one_run, progress, seed)
    return saved(place, settled, practice=practice)


def graded_here(
    exercise: Exercise,
    attempt: Attempt,
    place: Workspace,
    seed: int | None,
    *,
    practice: bool,
    python: tuple[int, int] = sys.version_info[:2],
) -> Checked | None:
    """The verdict on what this machine's Python cannot read, saved like any other; None: ask the lab host.

    `python` is the version that reads it.
    """
    if load_settings().host != "vm":
        return None  # whichever Python another host has, only that one knows its mistakes
    seen = read_here(exercise, attempt, new_seed() if seed is None else seed, python)
    if seen is None:
        return None
    return saved(place, Settled(judge(exercise, seen), (seen,)), practice=practice)


def saved(place: Workspace, settled: Settled, *, practice: bool) -> Checked:
    """Save observation and verdict in the workspace, and note the attempt unless it was practice."""
    slug = settled.verdict.exercise
    path = place.result_path(OBSERVATIONS, slug, ".json.gz")
    observation_file.save(settled.seen, path)
    trust = PRACTICE if practice else settled.verdict.trust
    verdict = replace(settled.verdict, observation=str(path), trust=trust)
    verdict_path = place.result_path("verdicts", slug, ".json")
    write_atomically(verdict_path, verdict_json.dumps(verdict).encode())
    if not practice:
        note(place, verdict, verdict_path)
    return Checked(replace(settled, verdict=verdict))


def note(place: Workspace, verdict: Verdict, path: Path) -> None:
    """Count it in the progress; what the lab could not tell is nobody's attempt."""
    told = verdict.outcome in EXIT_CODES
    passed = verdict.outcome is Outcome.PASS

    place.update(
        lambda old: old.having(
            verdict.exercise,
            checks=old.of(verdict.exercise).checks + told,
            passes=old.of(verdict.exercise).passes + passed,
            last_outcome=str(verdict.outcome),
            last_verdict=str(path.relative_to(place.root)),
        )
    )
