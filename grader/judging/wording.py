"""A finding in words: what a check found, said in the exercise's sentences."""

from __future__ import annotations

from grader.exercise import Check, Exercise
from grader.found import Found, Why
from grader.sentences import Sentence, shown
from grader.verdict import Finding

SEVERAL = "more than one mistake gives these numbers: "


def worded(exercise: Exercise, check: Check, found: Found) -> Finding:
    """Raises LookupError for a cause that the check does not declare."""
    said = [filled(exercise.says(check, one.name), one) for one in found.whys]
    first = said[0] if said else Sentence("")
    hints = list(dict.fromkeys(one.hint for one in said))
    return Finding(
        name=check.name,
        title=check.title,
        outcome=found.outcome,
        expected=found.expected,
        got=found.got,
        tolerance=found.tolerance,
        unit=found.unit,
        message=found.numbers or first.message,
        hint=SEVERAL + "; or ".join(hints) if len(hints) > 1 else "".join(hints),
        cause=first.cause or found.cause,
    )


def filled(sentence: Sentence, why: Why) -> Sentence:
    """With the values of this run."""
    cause = why.name if sentence.cause is None else sentence.cause
    return Sentence(*(shown(text, why.values) for text in (cause, sentence.message, sentence.hint)))
