"""Exercise 2: a cause is said only where the facts exclude its rivals; else all that fit are said."""

from __future__ import annotations

from grader.observation import MapFacts, Observation
from tests.exercises.condition import printing, with_maps
from tests.exercises.first_failure import first_failure

from . import conditions

CALLERS = conditions.planned(3)
COUNTS = conditions.right(CALLERS)


def counted(counts: dict[str, int]) -> Observation:
    """The run through a tracer that counted these."""
    return printing({"counts": counts}, CALLERS)


def test_calls_that_are_sent_to_python_are_lost_on_the_way_and_not_by_two_cpus() -> None:
    low = counted({**COUNTS, "canary": COUNTS["canary"] - 1})
    found = first_failure(with_maps(low, MapFacts(3, "events", "perf_event_array", 128)))
    assert found.cause == "events_lost"
    assert "atomic_increment" not in found.hint


def test_names_that_python_printed_as_bytes_are_told_so() -> None:
    found = first_failure(counted({f"b'{name}'": number for name, number in COUNTS.items()}))
    assert found.cause == "names_as_bytes"
    assert "decode" in found.hint


def test_names_with_something_around_them_are_not_of_another_run() -> None:
    found = first_failure(counted({f"{name}-41": number for name, number in COUNTS.items()}))
    assert found.cause == "names_changed"
    assert "tracer.py" in found.hint


def test_unknown_names_may_be_of_another_run_or_made_in_python() -> None:
    found = first_failure(counted({"coral-hare": 36, "lilac-wolf": 43}))
    assert found.cause == "callers_unknown"
    assert "this run" in found.message + found.hint and "tracer.py changes" in found.hint


def test_callers_that_all_have_one_call_were_set_and_not_added_to() -> None:
    found = first_failure(counted(dict.fromkeys(COUNTS, 1)))
    assert found.cause == "set_to_one"
    assert "tracer.bpf.c" in found.hint and "tracer.py" in found.hint
