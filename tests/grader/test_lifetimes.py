"""Objects of a program, told from its functions' calls."""

from __future__ import annotations

import dataclasses

from grader.counts import Count
from grader.lifetimes import FunctionArgument, lifetimes
from grader.observation import FunctionCall, Observation

from .runs import right_run

MADE, CALLED = FunctionArgument("make", 0), FunctionArgument("use", 1)


def made(at_ns: int, address: int, pid: int = 7, in_target: bool = True) -> FunctionCall:
    return FunctionCall("make", at_ns, (address, 99), 1, pid, in_target)


def used(at_ns: int, address: int, pid: int = 7, in_target: bool = True) -> FunctionCall:
    return FunctionCall("use", at_ns, (99, address), 2, pid, in_target)


def run(*functions: FunctionCall) -> Observation:
    seen = right_run()
    tracer = dataclasses.replace(seen.tracer, ready_ns=100, sigint_ns=900)
    first, *others = seen.recordings
    recordings = (dataclasses.replace(first, functions=functions), *others)
    return dataclasses.replace(seen, tracer=tracer, recordings=recordings)


def test_an_address_that_comes_back_is_another_object() -> None:
    seen = run(made(200, 5), used(210, 5), used(230, 5), made(300, 5), used(340, 5))
    first, second = lifetimes(seen, MADE, CALLED).inside
    assert [first.until_ns(1), first.until_ns(2), first.until_ns(3)] == [10, 30, 0]
    assert second.until_ns(1) == 40
    assert lifetimes(seen, MADE, CALLED).by_calls() == {2: 1, 1: 1}


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
