"""What durations that are off have in common, where neither a unit nor a factor explains them."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from grader.found import Why, why
from grader.truth.durations import Pair

ALIKE = 0.5
"""Errors are alike when half of them lie within this share of their median."""


def in_common(bad: Sequence[Pair]) -> Why:
    """What reported durations that are all off have in common. Only what the numbers show: where two mistakes
    would do the same, the sentence names both.
    """
    said = [pair.reported_ns or 0 for pair in bad]
    if not any(said):
        return why("zero_durations")
    errors = [number - pair.planted_ns for number, pair in zip(said, bad, strict=True)]
    if min(errors) > 0:
        return _longer(errors)
    return why("too_short" if max(errors) < 0 else "durations_mixed_up")


def _longer(errors: Sequence[int]) -> Why:
    """All too long: by about the same, or by anything."""
    middle = median(errors)
    if median(abs(error - middle) for error in errors) <= ALIKE * middle / 2:
        return why("longer_by_the_same", longer_ms=f"{middle / 1e6:.1f}")
    return why("too_long")
