"""Runs the matrix of an exercise: several tracers share one traffic run, each is judged by itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from grader.attempt import Attempt
from grader.exercise import Exercise
from grader.judge import Again, again, judge
from grader.observation import Observation
from grader.verdict import Outcome, Verdict
from lab.dev.entries import Entry, Expected
from lab.dev.junk_reports import junk
from lab.settle import MOST_RUNS, new_seed, reasons

TRACERS_PER_RUN = 6
"""A tracer takes 139 MB while it loads; with 2 GiB the guest bears this many beside its servers."""

ObserveAll = Callable[[Sequence[Attempt], int], list[Observation]]
"""One traffic run with this seed, past all these tracers."""


@dataclass(frozen=True)
class Row:
    """What came of one tracer, or of one junk report."""

    exercise: str
    title: str
    attempt: str
    """Digest of the tracer's files."""
    expected: str
    came: str
    trouble: str
    """What is wrong; empty when it is as expected."""
    seed: int
    seconds: float
    """Of the traffic run it shared."""

    @property
    def good(self) -> bool:
        """Whether it came out as expected."""
        return not self.trouble


@dataclass(frozen=True)
class _Pending:
    entry: Entry
    attempt: Attempt
    runs: tuple[Observation, ...] = ()
    tries: int = 0


@dataclass(frozen=True)
class Result:
    """A row, with the last observation behind it."""

    row: Row
    seen: Observation


def run_matrix(
    exercise: Exercise,
    entries: Sequence[Entry],
    observe: ObserveAll,
    progress: Callable[[str], None],
    out_of_time: Callable[[], bool] = lambda: False,
    together: bool = False,
) -> Iterator[Result]:
    """One result per tracer as soon as it is known. Tracers whose run was no evidence join a later run.

    `together`: those that have a run alone otherwise share one too.
    """
    waiting = [_Pending(entry, Attempt.of(entry.files)) for entry in entries]
    while waiting and not out_of_time():
        batch = waiting[:TRACERS_PER_RUN] if together else _batch(waiting)
        waiting = waiting[len(batch) :]
        progress(f"{exercise.slug}: {', '.join(one.entry.title for one in batch)}")
        began = time.monotonic()
        observations = observe([one.attempt for one in batch], new_seed())
        seconds = time.monotonic() - began
        for one, seen in zip(batch, observations, strict=True):
            verdict = judge(exercise, [*one.runs, seen])
            wanted = again(verdict)
            if wanted is Again.NO or one.tries + 1 >= MOST_RUNS:
                yield Result(_row(exercise, one, verdict, seconds), seen)
                continue
            progress(f"{one.entry.title}: once more ({reasons(verdict)})")
            runs = (seen,) if wanted is Again.POOL else one.runs
            waiting.append(replace(one, runs=runs, tries=one.tries + 1))


def _batch(waiting: Sequence[_Pending]) -> list[_Pending]:
    """The next ones that share a run."""
    if waiting[0].entry.alone:
        return [waiting[0]]
    return list(takewhile(lambda one: not one.entry.alone, waiting[:TRACERS_PER_RUN]))


def junk_rows(exercise: Exercise, right: Observation) -> Iterator[Row]:
    """Each junk report must fail with a cause; a run in which no traffic was sent must be an error."""
    cases: Iterable[tuple[str, Observation, Expected]] = [
        *((f"junk/{name}", seen, Expected(Outcome.FAIL)) for name, seen in junk(right, right.seed)),
        ("no traffic", replace(right, ledger=(), traffic_ran=True), Expected(Outcome.ERROR)),
    ]
    for title, seen, expected in cases:
        verdict = judge(exercise, seen)
        yield Row(
            exercise.slug,
            title,
            right.attempt,
            str(expected),
            came(verdict),
            expected.shortfall(verdict),
            right.seed,
            0.0,
        )


def came(verdict: Verdict) -> str:
    """The outcome, with the first failing check and its cause, or with what the lab could not tell."""
    for finding in verdict.checks:
        if finding.outcome is verdict.outcome and finding.outcome is not Outcome.PASS:
            return f"{verdict.outcome} {finding.name} {finding.cause}".strip()
    return str(verdict.outcome)


def _row(exercise: Exercise, one: _Pending, verdict: Verdict, seconds: float) -> Row:
    trouble = one.entry.expected.shortfall(verdict)
    if trouble and verdict.outcome is not Outcome.PASS:
        said = [finding.message for finding in verdict.checks if finding.outcome is verdict.outcome]
        trouble += f": {' '.join(said)[:300]}"
    return Row(
        exercise.slug,
        one.entry.title,
        one.attempt.digest,
        str(one.entry.expected),
        came(verdict),
        trouble,
        verdict.seed,
        round(seconds, 1),
    )
