"""A finding in words: what a check found, said in the exercise's sentences."""

from __future__ import annotations

from collections.abc import Callable

from grader.exercise import Check, Exercise
from grader.found import Found, Why
from grader.sentences import Sentence, said_in, shown
from grader.verdict import Finding

SEVERAL = "more than one mistake gives these numbers: "


def worded(exercise: Exercise, check: Check, found: Found) -> Finding:
    """What a check found. Raises LookupError for a cause that it does not declare."""
    return in_words(check.name, check.title, found, lambda cause: exercise.says(check, cause))


def lab_says(name: str, title: str, topic: str, found: Found) -> Finding:
    """What the lab itself found, outside of the exercise's checks; `topic` is a file of shared sentences."""
    return in_words(name, title, found, said_in(topic).__getitem__)


def in_words(name: str, title: str, found: Found, sentence_of: Callable[[str], Sentence]) -> Finding:
    """The sentences of all mistakes that fit, with the values of this run."""
    said = [filled(sentence_of(one.name), one) for one in found.whys]
    first = said[0] if said else Sentence("")
    hints = list(dict.fromkeys(one.hint for one in said))
    return Finding(
        name=name,
        title=title,
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
