"""Exercise 5, judged from a real run: numbers that are too low are explained."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from grader.observation import MapFacts

from .recorded_run import FUNCTIONS, RIGHT, RUN, STREAMS, TARGETS, changed, first_failure, of_stream, tracer


def roomless() -> dict[str, Any]:
    """All streams are counted, and calls only of the first sixteen addresses."""
    first = list(dict.fromkeys(of_stream(call) for call in TARGETS))[:16]
    known = tracer([call for call in TARGETS if of_stream(call) in first])
    return {**known, "streams": STREAMS}


def one_cpu() -> dict[str, Any]:
    """Every other number of everything."""
    return {**RIGHT, **{name: RIGHT[name] // 2 for name in ("streams", "completed", "cancelled", "calls")}}


@pytest.mark.parametrize(
    ("document", "facts", "cause"),
    [
        (roomless(), MapFacts(70, "streams", "hash", 16, 16), "map_full"),
        (one_cpu(), MapFacts(69, "reached", "percpu_array", 32), "one_cpu"),
        (tracer([call for call in FUNCTIONS if call.tid == call.pid]), None, "thread_id_as_pid"),
        (changed(calls=RIGHT["calls"] - 1), None, "lost_updates"),
    ],
)
def test_numbers_that_are_too_low_are_explained(
    document: dict[str, Any], facts: MapFacts | None, cause: str
) -> None:
    kernel = dataclasses.replace(RUN.kernel, maps=(facts,)) if facts else None
    assert first_failure(document, kernel) == ("streams_counted", cause)
