"""A real graded run for the start page: a recorded observation, judged again while the site is built."""

from __future__ import annotations

import json
from dataclasses import dataclass

from grader.exercise import Exercise
from grader.judge import judge
from grader.observation import Observation
from grader.verdict import Verdict
from grader.written import verdict_json
from lab.comparison.compare import compare
from lab.comparison.distribution import Distribution
from lab.comparison.reference_run import RECORDED, recorded
from lab.website.authoring import Source


@dataclass(frozen=True)
class GradedRun:
    """What the picture is drawn from."""

    exercise: Exercise
    verdict: Verdict
    distribution: Distribution | None
    """The durations of the call that waits longest, recorder and tracer over each other."""


def needed(exercise: Exercise, source: Source, line: int) -> Observation:
    """The recorded run of its solution, or an error of the page that asks for it."""
    seen = recorded(exercise)
    if seen is None:
        raise source.wrong(
            line, f"{exercise.slug} has no recorded run", f"record solutions/{exercise.slug}/{RECORDED}"
        )
    return seen


def graded_run(exercise: Exercise, seen: Observation) -> GradedRun:
    """Judge it anew, as `lab replay` does."""
    found = compare(exercise, seen).distributions
    widest = max(found, key=lambda one: one.edges_ns[-1], default=None)
    return GradedRun(exercise, judge(exercise, seen), widest)


def example_document(exercise: Exercise, seen: Observation) -> str:
    """The verdict as `lab check --json` prints it, with two of its checks, one program and three timings."""
    document = verdict_json.to_document(judge(exercise, seen))
    document["checks"] = document["checks"][-3:-1]
    document["cost"] = document["cost"][:1]
    document["timings"] = dict(list(document["timings"].items())[:3])
    return json.dumps(verdict_json.finite(document), indent=2, ensure_ascii=False) + "\n"
