"""Exercise 4: misconceptions on the recorded run, counted from it anew."""

from __future__ import annotations

from collections import Counter

from grader.observation import Observation
from grader.truth.calls import calls
from tests.exercises.recorded_runs import failure, printed, recorded

FOUR = recorded("04-kprobes")
FIVE_CALLS = ("readv", "writev", "recvfrom", "sendto", "epoll_wait")


def with_data(
    seen: Observation, *, everywhere: bool = False, least: int = 1, most: int = 2**62
) -> dict[str, float]:
    """Returns of these values, counted as data."""
    found = Counter(
        call.syscall for call in calls(seen, everywhere=everywhere).inside if least <= call.ret <= most
    )
    return {f"counts.{name}.with_data": found[name] for name in FIVE_CALLS}


def test_what_is_taken_for_data_in_a_recorded_run_is_named() -> None:
    errors = with_data(FOUR)
    for path, number in with_data(FOUR, least=-4095, most=-1).items():
        errors[path] += number
    mistakes = {
        "errors_counted_as_data": errors,
        "every_return_is_data": with_data(FOUR, least=-4095),
        "ends_counted_as_data": with_data(FOUR, least=0),
        "returns_unfiltered": with_data(FOUR, everywhere=True),
    }
    for cause, numbers in mistakes.items():
        found = failure("04-kprobes", printed("04-kprobes", numbers))
        assert (found.name, found.cause) == ("calls_with_data", cause)
