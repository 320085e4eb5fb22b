"""Exercise 3, judged from a real run: what is known of the maps tells why numbers are too low."""

from __future__ import annotations

import dataclasses

import pytest

from grader.judge import judge
from grader.observation import MapFacts, Report
from grader.verdict import Outcome
from tests.exercises.simulated import exercise

from .recorded_run import HALF, RUN, SLUG, failed_check, fewer, report, verdict

MAPS = {
    "map_full": MapFacts(25, "calls", "hash", 6, 6),
    "one_cpu": MapFacts(25, "calls", "percpu_hash", 1024, 12),
    "events_lost": MapFacts(25, "events", "ringbuf", 4096, None),
}


@pytest.mark.parametrize("cause", MAPS)
def test_what_the_kernel_knows_of_the_maps_tells_why_rows_are_too_low(cause: str) -> None:
    low = fewer(HALF)
    if cause == "map_full":
        del low["eventfd"]
    kernel = dataclasses.replace(RUN.kernel, maps=(MAPS[cause],))
    seen = dataclasses.replace(RUN, report=Report(report() | {"calls": low}, bytes=9), kernel=kernel)
    told = judge(exercise(SLUG), seen)
    assert [(one.name, one.cause) for one in told.checks if one.outcome is Outcome.FAIL] == [
        ("calls_per_kind", cause)
    ]


def test_a_few_calls_that_several_mistakes_may_lose_are_told_with_all_of_them() -> None:
    told = verdict(report() | {"calls": fewer({"http.readv": 2})})
    (failed,) = (one for one in told.checks if one.outcome is Outcome.FAIL)
    assert "more than one mistake" in failed.hint
    assert "atomic_increment" in failed.hint and "all 64 bits" in failed.hint


def test_a_map_of_one_entry_for_each_cpu_is_scratch_space() -> None:
    scratch = MapFacts(25, "scratch", "percpu_array", 1)
    buffer = MapFacts(26, "events", "ringbuf", 4096)
    kernel = dataclasses.replace(RUN.kernel, maps=(scratch, buffer))
    found = failed_check(report() | {"calls": fewer(HALF)}, kernel)
    assert found.cause == "events_lost"
