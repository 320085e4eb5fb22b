"""Objects of a program, told from its functions' calls."""

from __future__ import annotations

import dataclasses

from grader.checks.reported_objects import NEAR_NS, Told, match
from grader.judging.evidence import recorder_problem
from grader.observation import FunctionCall, Observation
from grader.truth.counts import Count
from grader.truth.enclosed_functions import noted_once
from grader.truth.lifetimes import FunctionArgument, lifetimes
from tests.grader.runs import right_run

MADE, CALLED = FunctionArgument("make", 0), FunctionArgument("use", 1)


def made(at_ns: int, address: int, pid: int = 7, in_target: bool = True) -> FunctionCall:
    return FunctionCall("make", at_ns, (address, 99), 1, pid, in_target)


def used(at_ns: int, address: int, pid: int = 7, in_target: bool = True) -> FunctionCall:
    return FunctionCall("use", at_ns, (99, address), 2, pid, in_target)


def run(*functions: FunctionCall, second: tuple[FunctionCall, ...] = ()) -> Observation:
    seen = right_run()
    tracer = dataclasses.replace(seen.tracer, ready_ns=100, sigint_ns=900)
    recordings = tuple(
        dataclasses.replace(recording, functions=noted)
        for recording, noted in zip(seen.recordings, (functions, second), strict=True)
    )
    return dataclasses.replace(seen, tracer=tracer, recordings=recordings)


def test_an_address_that_comes_back_is_another_object() -> None:
    seen = run(made(200, 5), used(210, 5), used(230, 5), made(300, 5), used(340, 5))
    first, second = lifetimes(seen, MADE, CALLED).inside
    assert [first.until_ns(1), first.until_ns(2), first.until_ns(3)] == [10, 30, 0]
    assert second.until_ns(1) == 40
    assert (len(first.calls), len(second.calls)) == (2, 1)


def test_a_tracer_between_the_two_programs_of_the_recorder_may_measure_what_lies_between_theirs() -> None:
    # The second begins later: it has not noted the first making. Threads 1 and 2 each lost their CPU once.
    seen = run(
        *(made(150, 4), made(200, 5), used(260, 5), made(300, 5), used(340, 5)),
        second=(made(190, 5), used(230, 5), made(299, 5), used(339, 5)),
    )
    early, first, second = lifetimes(seen, MADE, CALLED).inside
    assert early.noted == ((150, 150),)
    assert first.bounds_ns(1) == (230 - 200, 260 - 190)
    assert second.bounds_ns(1) == (339 - 300, 340 - 299)
    assert [call.at_ns for call in noted_once(seen)] == [150]


def test_an_event_belongs_to_the_making_that_encloses_it_however_long_the_thread_was_away() -> None:
    long_ns = 3 * NEAR_NS
    early = made(200, 5), used(long_ns + 300, 5)
    late = made(long_ns + 210, 5), used(long_ns + 290, 5)
    seen = run(*early, second=late)
    tracer = dataclasses.replace(seen.tracer, sigint_ns=2 * long_ns)
    lives = lifetimes(dataclasses.replace(seen, tracer=tracer), MADE, CALLED).inside
    for ts_ns, pairs in ((long_ns + 205, 1), (long_ns + 220 + NEAR_NS, 0)):
        assert len(match([Told(5, ts_ns, 90)], lives).pairs) == pairs


def test_a_thread_about_which_the_two_programs_disagree_makes_the_run_no_evidence() -> None:
    seen = run(made(200, 5), used(210, 5), second=(made(199, 6), used(209, 5)))
    assert [call.symbol for call in noted_once(seen)] == ["make"]
    assert "only one of the recorder's two programs noted 1 calls" in str(recorder_problem(seen))


def test_another_process_with_the_same_address_is_told_apart() -> None:
    seen = run(made(200, 5), made(210, 5, 8, False), used(220, 5), used(230, 5, 8, False))
    (mine,) = lifetimes(seen, MADE, CALLED).inside
    assert mine.until_ns(1) == 20
    assert lifetimes(seen, MADE, CALLED, everywhere=True).calls() == Count(2)


def test_objects_that_reach_over_an_edge_may_be_counted_or_not() -> None:
    seen = run(
        made(90, 1), used(200, 1), made(300, 2), used(400, 2), made(800, 3), used(950, 3), used(960, 4)
    )
    found = lifetimes(seen, MADE, CALLED)
    assert found.count() == Count(1, 2)
    assert found.count(least=1, most=1) == Count(1, 2)
    assert found.count(least=2) == Count(0)
    assert found.calls() == Count(1, 2)
