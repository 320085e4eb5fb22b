"""Exercise 3, judged from a real run: what is taken for data."""

from __future__ import annotations

import dataclasses

import pytest

from grader.observation import MapFacts
from grader.truth.calls import calls

from .recorded_run import HALF, RUN, Keep, failed_check, failure, fewer, kind, report


def moved_bytes() -> dict[str, dict[str, int]]:
    """What the calls returned, added up."""
    found: dict[str, dict[str, int]] = {}
    for call in calls(RUN, returned_data=True).inside:
        row = found.setdefault(kind(call), {})
        row[call.syscall] = row.get(call.syscall, 0) + call.ret
    return found


@pytest.mark.parametrize(
    ("data", "maps", "cause"),
    [
        (fewer({"http.readv": 1}, data=True), (), "lost_updates"),
        (fewer(HALF, data=True), (MapFacts(25, "with_data", "percpu_hash", 1024, 12),), "one_cpu"),
        (moved_bytes(), (), "bytes_for_calls"),
        ({}, (), "count_zero"),
    ],
)
def test_what_is_wrong_with_data_alone_is_named(
    data: dict[str, dict[str, int]], maps: tuple[MapFacts, ...], cause: str
) -> None:
    kernel = dataclasses.replace(RUN.kernel, maps=maps or RUN.kernel.maps)
    found = failed_check(report() | {"with_data": data}, kernel)
    assert (found.name, found.cause) == ("calls_with_data", cause)


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (lambda call: call.ret != 0, "errors_counted_as_data"),
        (lambda call: True, "every_return_is_data"),
        (lambda call: call.ret >= 0, "ends_counted_as_data"),
    ],
)
def test_what_is_taken_for_data_is_named(data: Keep, cause: str) -> None:
    assert failure(report(data=data)) == ("calls_with_data", cause)
