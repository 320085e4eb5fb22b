"""What durations that are off have in common, where neither a unit nor a factor explains them."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from grader.checks.making import Why
from grader.truth.durations import Pair

ALIKE = 0.5
"""Errors are alike when half of them lie within this share of their median."""


def in_common(bad: Sequence[Pair]) -> Why:
    """(cause, hint) of reported durations that are all off. Only what the numbers show: where two mistakes
    would do the same, the hint names both.
    """
    said = [pair.reported_ns or 0 for pair in bad]
    if not any(said):
        return (
            "zero_durations",
            "those that are off are 0: on which path does tracer.bpf.c, or tracer.py, not set the duration?",
        )
    errors = [number - pair.planted_ns for number, pair in zip(said, bad, strict=True)]
    if min(errors) > 0:
        return _longer(errors)
    if max(errors) < 0:
        return (
            "too_short",
            "those that are off are all too short: the end is taken before the call returns, or the start is"
            " of a later call: see both in tracer.bpf.c, and the key under which the start lies",
        )
    return (
        "durations_mixed_up",
        "some are too long, some too short, so a start and an end are not of one call: which key does the"
        " start have in tracer.bpf.c, and is it deleted at the end?",
    )


def _longer(errors: Sequence[int]) -> Why:
    """All too long: by about the same, or by anything."""
    middle = median(errors)
    if median(abs(error - middle) for error in errors) <= ALIKE * middle / 2:
        return (
            "longer_by_the_same",
            f"those that are off are all about {middle / 1e6:.1f} ms too long: the end is taken too late"
            " (when the event reaches tracer.py?), or the start too early",
        )
    return (
        "too_long",
        "those that are off are all too long: the end is taken later than it should be, or the start is of an"
        " earlier call (is it deleted at the end, in tracer.bpf.c?)",
    )
