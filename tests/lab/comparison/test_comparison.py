"""What a tracer reported beside what was recorded, and the page that shows it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.observation import BadReport
from lab.comparison import distribution
from lab.comparison.compare import compare
from lab.comparison.page import html_page
from lab.comparison.quantity import duration
from tests.lab.small_run import CALLS, EXERCISE, MS, RIGHT, VERDICT, event, observation


def test_numbers_that_both_sides_know_come_first() -> None:
    rows = compare(EXERCISE, RIGHT).rows
    assert [(row.name, row.reported, row.sent) for row in rows] == [
        ("counts.epoll_wait.calls", 7, 7.0),
        ("counts.readv.calls", None, 3.0),
        ("events.length", 7, None),
    ]
    assert [row.agrees for row in rows] == [True, False, False]


def test_both_distributions_share_their_bins() -> None:
    (one,) = compare(EXERCISE, RIGHT).distributions
    assert one.planted == one.reported
    assert sum(one.planted) == len(CALLS)
    assert one.missing == 0
    assert len(one.edges_ns) == len(one.planted) + 1


def test_a_wrong_unit_lies_in_another_place() -> None:
    wrong = observation({"events": [event(call, 0.001) for call in CALLS]})
    (one,) = compare(EXERCISE, wrong).distributions
    assert not any(planted and reported for planted, reported in zip(one.planted, one.reported, strict=True))


def test_the_worst_event_is_the_one_that_is_furthest_off() -> None:
    wrong = observation(
        {"events": [event(call, 2.0 if index == 6 else 1.0) for index, call in enumerate(CALLS)]}
    )
    worst = compare(EXERCISE, wrong).worst[0]
    assert (worst.pair.planted_ns, worst.pair.reported_ns) == (150 * MS, 300 * MS)


def test_events_that_were_not_reported_are_counted_as_missing() -> None:
    (one,) = compare(EXERCISE, observation({"events": [event(call) for call in CALLS[:4]]})).distributions
    assert one.missing == 3


@pytest.mark.parametrize(
    "document",
    [{}, {"events": 3}, {"events": ["x", {}, {"tid": "1"}]}, {"events": [{**event(CALLS[0]), "tid": True}]}],
)
def test_a_report_that_cannot_be_read_shows_nothing_and_does_no_harm(document: dict[str, object]) -> None:
    assert compare(EXERCISE, observation(document)).distributions == ()


def test_absurd_durations_make_no_absurd_page() -> None:
    absurd = observation({"events": [{**event(CALLS[0]), "duration_ns": 2**62}, event(CALLS[1])]})
    (one,) = compare(EXERCISE, absurd).distributions
    assert len(one.planted) <= 20 * distribution.BINS_PER_DECADE
    assert sum(one.reported) == 2


@pytest.mark.parametrize(
    ("ns", "shown"),
    [(12, "12 ns"), (1_500, "1.5 us"), (25_100_000, "25.1 ms"), (2e9, "2 s"), (None, "not reported")],
)
def test_durations_are_written_as_people_read_them(ns: float | None, shown: str) -> None:
    assert duration(ns) == shown


def test_the_page_escapes_what_a_tracer_printed_and_needs_nothing_else() -> None:
    bad = replace(EXERCISE, title="<script>alert(1)</script>")
    page = html_page(bad, VERDICT, compare(bad, RIGHT))
    assert "<script" not in page
    assert "sent &lt;7&gt;" in page
    assert "http://" not in page
    assert page.count('<path class="') == 2
    assert "lab hint 4" in page


def test_the_page_of_a_run_without_a_report_is_a_page() -> None:
    page = html_page(EXERCISE, VERDICT, compare(EXERCISE, replace(RIGHT, report=BadReport("none"))))
    assert "Counts are exact." in page
    assert "<svg" not in page
