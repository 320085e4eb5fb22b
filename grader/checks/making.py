"""What checks are made with: findings without a name, and how checks depend on each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from grader.exercise import Check
from grader.observation import Observation
from grader.verdict import Finding, Outcome

UNDECIDED = "undecided"
Why = tuple[str, str]
"""(cause, hint)"""

Pooled = Callable[[Sequence[Observation]], Finding]


def passed(message: str = "", *, expected: Any = None, got: Any = None, unit: str = "") -> Finding:
    """This is right."""
    return Finding("", "", Outcome.PASS, expected=expected, got=got, unit=unit, message=message)


def failed(
    message: str,
    *,
    cause: str = "",
    hint: str = "",
    expected: Any = None,
    got: Any = None,
    tolerance: Any = None,
    unit: str = "",
) -> Finding:
    """The tracer is wrong: what was sent, seen and allowed, the likely cause, and where to look next."""
    return Finding("", "", Outcome.FAIL, expected, got, tolerance, unit, message, hint, cause)


def likeliest(fitting: Sequence[Why]) -> Why:
    """One (cause, hint) out of all that fit, the most specific first: its cause, and every hint.

    Empty strings when none fits.
    """
    hints = list(dict.fromkeys(hint for _, hint in fitting))
    if len(hints) > 1:
        return fitting[0][0], "more than one mistake gives these numbers: " + "; or ".join(hints)
    return fitting[0] if fitting else ("", "")


def undecided(message: str, *, expected: Any = None, got: Any = None, unit: str = "") -> Finding:
    """This run cannot tell; the check's `pooled` will, with one more run."""
    return Finding("", "", Outcome.ERROR, expected, got, None, unit, message, "", UNDECIDED)


def gate(check: Check) -> Check:
    """When this check fails, everything after it is skipped."""
    check.gate = True  # type: ignore[attr-defined]
    return check


def before_traffic(check: Check) -> Check:
    """It looks at nothing but the tracer's files and what the kernel says when the tracer is READY.

    When it fails then, no traffic could change that, and none is sent.
    """
    check.before_traffic = True  # type: ignore[attr-defined]
    return check


def needs(*names: str) -> Callable[[Check], Check]:
    """This check is skipped when one of the named checks did not pass."""

    def mark(check: Check) -> Check:
        check.needs = names  # type: ignore[attr-defined]
        return check

    return mark


def named(name: str, title: str, check: Check, pooled: Pooled | None = None) -> Check:
    """The same check under this name and title: for checks that a factory makes."""

    def made(seen: Observation) -> Finding:
        return check(seen)

    made.__name__ = made.__qualname__ = name
    made.__doc__ = title
    made.gate = getattr(check, "gate", False)  # type: ignore[attr-defined]
    made.needs = getattr(check, "needs", ())  # type: ignore[attr-defined]
    made.before_traffic = getattr(check, "before_traffic", False)  # type: ignore[attr-defined]
    made.pooled = pooled  # type: ignore[attr-defined]
    return made
