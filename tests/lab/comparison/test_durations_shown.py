"""Durations: in plateaus, as percentiles, and the worst of them on a line of time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import pytest

from grader.observation import Observation
from grader.truth.durations import Pair, Planted, Standing
from lab import checkout
from lab.comparison.drawn import spots
from lab.comparison.duration_pairs import pairs_of
from lab.comparison.in_words import in_words
from tests.exercises.condition import stated
from tests.lab.comparison.shown_runs import Document, compared, longer, picture, right, run_of, with_events


@pytest.mark.parametrize("slug", ["04-kprobes", "05-uprobes"])
def test_the_graded_durations_come_first_and_a_right_tracer_has_no_plateau_that_fails(slug: str) -> None:
    first = right(slug).distributions[0]
    assert {one.standing for one in first.plateaus} == {Standing.PASS}
    assert [one.name for one in first.percentiles] == ["p50", "p90", "p99"]
    assert all(one.plateau for one in first.percentiles)


@pytest.mark.parametrize(("slug", "factor"), [("04-kprobes", 0.001), ("05-uprobes", 2.0)])
def test_percentiles_and_plateaus_show_a_wrong_factor(slug: str, factor: float) -> None:
    first = compared(with_events(slug, longer(factor))).distributions[0]
    for one in first.percentiles:
        assert one.reported_ns == pytest.approx(one.recorded_ns * factor, rel=0.05)
    assert {one.standing for one in first.plateaus} == {Standing.FAIL}


def test_each_percentile_stands_beside_the_bin_that_it_lies_in() -> None:
    shown = picture(compared(with_events("04-kprobes", longer(0.001))), 80)
    assert re.search(r"56\.2 ms +100 ms .* p50 recorder", shown)
    assert re.search(r"56\.2 us +100 us .* p50 yours", shown)


def test_latencies_that_end_at_the_second_call_are_all_off_in_their_plateaus() -> None:
    second = stated("05-uprobes").reading("to the second")
    first = compared(second(run_of("05-uprobes"))).distributions[0]
    assert {one.standing for one in first.plateaus} == {Standing.FAIL}
    assert all((one.reported_ns or 0) < one.recorded_ns for one in first.percentiles)


def test_without_a_single_event_the_recorders_durations_are_still_there() -> None:
    told = in_words(compared(with_events("04-kprobes", lambda _place, _event: None)))
    assert "1318 recorded, 0 reported, 1318 missing." in told
    assert "your tracer not reported" in told


# --- the time line ---


@pytest.mark.parametrize(
    ("slug", "how"), [("04-kprobes", "the client waited"), ("05-uprobes", "the model slept")]
)
def test_the_worst_events_have_what_was_planted_recorded_and_reported(slug: str, how: str) -> None:
    wrong = compared(with_events(slug, longer(3.0, every=5)))
    assert [one.at_ns for one in wrong.worst] == sorted(one.at_ns for one in wrong.worst)
    assert all(one.pair.bad and one.planted and 0 < one.at_ns < wrong.run_ns for one in wrong.worst)
    told = in_words(right(slug))
    assert re.search(r"planted \d+ ms \(the model slept\), recorded [\d.]+ ms, reported [\d.]+ ms", told)


def test_where_only_events_that_nobody_planted_are_wrong_these_are_the_worst() -> None:
    def wrapped(_place: int, event: Document) -> Document:
        return {**event, "duration_ns": event["duration_ns"] % 2**32}

    worst = compared(with_events("04-kprobes", wrapped)).worst
    assert all(one.pair.bad and one.planted is None for one in worst)


@pytest.mark.parametrize(("slug", "least"), [("04-kprobes", 500), ("05-uprobes", 370)])
def test_what_was_planted_is_found_for_nearly_every_recorded_event(slug: str, least: int) -> None:
    exercise, seen = checkout.exercise(slug), run_of(slug)
    assert exercise.planted_durations is not None
    planted = {(one.tid, one.entry_ns): one for one in exercise.planted_durations(seen)}
    assert len(planted) >= least
    lasted = {
        (pair.tid, pair.entry_ns): pair.planted_ns
        for pair in _all_pairs(seen)
        if (pair.tid, pair.entry_ns) in planted
    }
    assert lasted.keys() == planted.keys()
    assert all(2 * lasted[key] > one.duration_ns for key, one in planted.items())


def _all_pairs(seen: Observation) -> list[Pair]:
    return [pair for some in pairs_of(checkout.exercise(seen.exercise), seen).values() for pair in some]


@pytest.mark.parametrize("slug", ["04-kprobes", "05-uprobes"])
def test_nothing_is_said_to_be_planted_where_ledger_and_recorder_hold_different_numbers(slug: str) -> None:
    exercise, seen = checkout.exercise(slug), run_of(slug)
    assert exercise.planted_durations is not None
    first = next(unit for unit in seen.ledger if unit.ok)
    fewer = replace(seen, ledger=tuple(unit for unit in seen.ledger if unit is not first))
    assert {one.how for one in exercise.planted_durations(fewer)} <= {"the client cancelled"}


def streams_planted(seen: Observation) -> Sequence[Planted]:
    found = checkout.exercise("05-uprobes").planted_durations
    assert found is not None
    return found(seen)


def test_two_calls_that_overtook_each_other_are_said_to_be_nothing() -> None:
    seen = run_of("05-uprobes")
    mine = [unit for unit in seen.ledger if seen.target and unit.who == seen.target.name]
    answered = [unit for unit in mine if unit.detail["status"] == "OK"]
    short = min(answered, key=lambda unit: unit.detail["sleep_ms"])
    long = max(answered, key=lambda unit: unit.detail["sleep_ms"])
    swapped = {id(short): long.detail, id(long): short.detail}
    ledger = tuple(replace(unit, detail=swapped.get(id(unit), unit.detail)) for unit in seen.ledger)
    before, after = streams_planted(seen), streams_planted(replace(seen, ledger=ledger))
    assert len(before) - len(after) == 2
    assert set(after) < set(before)


def test_calls_that_were_given_up_and_never_arrived_leave_the_answered_ones_their_lengths() -> None:
    seen = run_of("05-uprobes")
    twice = next(unit for unit in seen.ledger if unit.detail.get("status") == "CANCELLED")
    more = streams_planted(replace(seen, ledger=(*seen.ledger, twice)))
    assert more == [one for one in streams_planted(seen) if one.how == "the model slept"]


def test_events_on_the_time_line_keep_their_order_where_they_lie_close() -> None:
    assert spots([0.0, 0.0, 0.5, 1.0, 1.0], 11) == "12───3───45"
