"""How the attendee's checks went, as the pages show it beside each exercise."""

from __future__ import annotations

from typing import Any

from grader.verdict import Finding, Outcome
from grader.written import verdict_json
from lab.checkout import slugs
from lab.progress import ExerciseProgress
from lab.workspace import Workspace


def check_states(place: Workspace) -> dict[str, dict[str, Any]]:
    """Slug -> state, outcome, headline, counts and what was wrong. Exercises that were not started are left
    out.
    """
    progress = place.progress()
    return {slug: state_of(place, progress.of(slug)) for slug in slugs() if progress.of(slug).started}


def state_of(place: Workspace, one: ExerciseProgress) -> dict[str, Any]:
    """One exercise."""
    wrong = [] if one.last_outcome in ("", Outcome.PASS) else failures_of(place, one)
    headlines = {
        "": "Started, not checked yet.",
        Outcome.PASS: "Your last check passed.",
        Outcome.FAIL: "Your last check failed.",
    }
    return {
        "state": "passed" if one.passes else "started",
        "outcome": one.last_outcome,
        "headline": headlines.get(one.last_outcome, "The last time the lab could not tell."),
        "counts": f"{counted(one.checks, 'check')}, {one.passes} passed, {counted(one.hints, 'hint')} taken.",
        "wrong": [{"name": it.name, "message": it.message, "hint": it.hint} for it in wrong],
    }


def failures_of(place: Workspace, one: ExerciseProgress) -> list[Finding]:
    """What did not pass in the last verdict; nothing when its file is gone."""
    try:
        verdict = verdict_json.loads((place.root / one.last_verdict).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return [it for it in verdict.checks if it.outcome in (Outcome.FAIL, Outcome.ERROR)]


def counted(number: int, thing: str) -> str:
    """`1 check`, `2 checks`."""
    return f"{number} {thing}" + ("" if number == 1 else "s")
