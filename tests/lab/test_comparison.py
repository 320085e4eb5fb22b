"""What a tracer reported beside what was recorded, and the page that shows it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from grader.exercise import Exercise, Recorder
from grader.observation import (
    BadReport,
    KernelFacts,
    Observation,
    RecordedCall,
    Recording,
    Report,
    TracerRun,
)
from grader.traffic import Step, TrafficPlan
from grader.verdict import Finding, Outcome, ProbeCost, Verdict
from lab.comparison import distribution
from lab.comparison.compare import compare
from lab.comparison.page import html_page
from lab.comparison.quantity import duration
from vocabulary.host_facts import HostFacts

HOST = HostFacts("vm", "6.12.0", "tcg", 2)
MS = 1_000_000


def recorded(number: int, duration_ns: int) -> RecordedCall:
    at = (number + 1) * 500 * MS
    return RecordedCall("epoll_wait", at, at + duration_ns, 1, 9, 77, 70, "server", True)


DURATIONS = [10 * MS] * 5 + [150 * MS] * 2
CALLS = tuple(recorded(number, value) for number, value in enumerate(DURATIONS))


def event(call: RecordedCall, factor: float = 1.0) -> dict[str, object]:
    return {
        "syscall": call.syscall,
        "tid": call.tid,
        "ts_ns": call.entry_ns,
        "duration_ns": int(call.duration_ns * factor),
    }


def observation(document: dict[str, object]) -> Observation:
    return Observation(
        exercise="04-kprobes",
        seed=1,
        attempt="abc",
        host=HOST,
        target=None,
        traffic_ran=True,
        ledger=(),
        recordings=(Recording("raw_tracepoint", CALLS),),
        tracer=TracerRun(ready=True, ended_by="sigint", exit_code=0, ready_ns=1, sigint_ns=10**12),
        report=Report(document, 100),
        kernel=KernelFacts(),
    )


EXERCISE = Exercise(
    folder=Path("04-kprobes"),
    number=4,
    slug="04-kprobes",
    title="Kprobes",
    goal="",
    minutes=30,
    workload="none",
    starter_files=("tracer.py",),
    plan=lambda _random, _cpus: TrafficPlan(Step("none"), ()),
    recorder=Recorder(("epoll_wait",)),
    checks=(),
    summary=lambda _seen: {"counts.epoll_wait.calls": 7.0, "counts.readv.calls": 3.0},
)

RIGHT = observation({"counts": {"epoll_wait": {"calls": 7}}, "events": [event(call) for call in CALLS]})


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


VERDICT = Verdict(
    exercise="04-kprobes",
    outcome=Outcome.FAIL,
    checks=(Finding("counts", "Counts are exact.", Outcome.FAIL, message="sent <7>", hint="lab hint 4"),),
    cost=(ProbeCost("return_epoll_wait", 7, 1200.0),),
    host=HOST,
    seed=1,
)


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
