"""What a check found: the outcome, the numbers, and the mistakes that fit. Which words say it is data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from grader.verdict import Outcome

UNDECIDED = "undecided"


@dataclass(frozen=True)
class Why:
    """A mistake that fits: the name of its sentence, and the values that the sentence shows."""

    name: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Found:
    """What one check found. `grader.sentences` makes the finding of it that a person reads."""

    outcome: Outcome
    whys: tuple[Why, ...] = ()
    """The most specific first: its cause is named, and where to look for all of them."""
    numbers: str = ""
    """What was sent, seen and allowed, in words."""
    cause: str = ""
    """How the numbers are off, for when no mistake that fits has a cause of its own."""
    expected: Any = None
    got: Any = None
    tolerance: Any = None
    unit: str = ""
    gives_way: bool = False
    """A misconception that would print exactly these numbers says more, and takes the place of `whys`."""


def why(name: str, /, **values: object) -> Why:
    """A mistake that fits. `name` is a key of the sentences, most often the cause itself."""
    return Why(name, values)


def passed(message: str = "", *, expected: Any = None, got: Any = None, unit: str = "") -> Found:
    """This is right."""
    return Found(Outcome.PASS, numbers=message, expected=expected, got=got, unit=unit)


def failed(
    *whys: Why,
    numbers: str = "",
    expected: Any = None,
    got: Any = None,
    tolerance: Any = None,
    unit: str = "",
) -> Found:
    """The tracer is wrong: the mistakes that fit, and what was sent, seen and allowed."""
    return Found(Outcome.FAIL, whys, numbers, "", expected, got, tolerance, unit)


def undecided(message: str, *, expected: Any = None, got: Any = None, unit: str = "") -> Found:
    """This run cannot tell; the check's `pooled` will, with one more run."""
    return Found(Outcome.ERROR, (), message, UNDECIDED, expected, got, None, unit)


def first_fitting(*found: Sequence[Why] | None) -> tuple[Why, ...]:
    """The first explanation that fits at all; none when none does."""
    return next((tuple(one) for one in found if one), ())
