"""Exercise 4: a cause is said only where the facts exclude its rivals; else all that fit are said."""

from __future__ import annotations

from tests.exercises.condition import printing
from tests.exercises.first_failure import first_failure

from . import conditions

WAITS = conditions.recorded()


def test_the_newest_events_alone_are_no_small_buffer() -> None:
    document = conditions.document(WAITS)
    last = sorted(document["events"], key=lambda one: one["ts_ns"] + one["duration_ns"])[-300:]
    found = first_failure(printing({**document, "events": last}, WAITS))
    assert found.cause == "only_newest_events"
    assert "300" in found.hint and "limited length" in found.hint


def test_a_return_value_that_only_tells_success_is_not_unsigned() -> None:
    document = conditions.document(WAITS)
    events = [{**event, "ret": int(event["ret"] > 0)} for event in document["events"]]
    found = first_failure(printing({**document, "events": events}, WAITS))
    assert found.cause == "ret_wrong"
    assert "unsigned" not in found.hint
