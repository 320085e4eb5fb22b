"""Durations, event by event, plateau by plateau; and how often the rule as built is wrong."""

import math
import random
from collections.abc import Callable
from typing import Any

import pytest

from grader.truth.durations import (
    Event,
    Pair,
    Plateau,
    Standing,
    allowed,
    judge_plateaus,
    pair_events,
    percentile,
    pooled_standing,
    slack_ns,
    standing,
)
from tests.grader.runs import MS, call

PLATEAUS = tuple(Plateau(f"{ms} ms", int(ms * 0.8 * MS), int(ms * 1.6 * MS)) for ms in (10, 25, 60, 150))
EACH = 150


def test_the_slack_is_never_below_a_third_of_a_millisecond() -> None:
    assert slack_ns([]) == slack_ns([4_000] * 100) == 300_000
    assert slack_ns([4_000] * 97 + [100_000] * 3) == 300_000
    assert slack_ns([100_000] * 51 + [4_000] * 49) == 500_000


def test_percentiles_are_order_statistics() -> None:
    assert percentile([], 0.99) == 0
    assert percentile([7], 0.99) == 7
    assert percentile(list(range(1, 101)), 0.99) == 99
    assert percentile(list(range(1, 101)), 0.5) == 50


@pytest.mark.parametrize(
    ("bad", "total", "expected"),
    [
        (0, 150, Standing.PASS),
        (3, 150, Standing.PASS),
        (4, 150, Standing.UNDECIDED),
        (5, 150, Standing.UNDECIDED),
        (6, 150, Standing.FAIL),
        (2, 10, Standing.PASS),
        (3, 10, Standing.FAIL),
    ],
)
def test_one_run_passes_fails_or_leaves_it_open(bad: int, total: int, expected: Standing) -> None:
    assert standing(bad, total) is expected


@pytest.mark.parametrize(("bad", "expected"), [(8, Standing.PASS), (9, Standing.FAIL)])
def test_pooled_events_decide_below_three_percent(bad: int, expected: Standing) -> None:
    assert pooled_standing(bad, 300) is expected


def test_two_bad_events_are_always_allowed() -> None:
    assert allowed(1) == allowed(100) == 2
    assert allowed(200) == 4


def test_a_pair_is_good_up_to_slack_and_three_percent() -> None:
    limit = 300_000 + 300_000
    assert not Pair(10 * MS, 10 * MS + limit, 0, 1, 300_000).bad
    assert Pair(10 * MS, 10 * MS + limit + 1, 0, 1, 300_000).bad
    assert Pair(10 * MS, None, 0, 1, 300_000).bad


def test_a_right_duration_lies_between_the_recorders_however_far_they_are_apart() -> None:
    preempted: dict[str, Any] = {"entry_ns": 0, "tid": 1, "slack_ns": 300_000, "other_ns": 10 * MS}
    assert not Pair(24 * MS, 10 * MS, **preempted).bad
    assert not Pair(24 * MS, 17 * MS, **preempted).bad
    assert Pair(24 * MS, 9 * MS, **preempted).bad
    assert Pair(24 * MS, 26 * MS, **preempted).bad
    assert Pair(24 * MS, 17 * MS, **preempted).unclear
    assert not Pair(12 * MS, 11 * MS, **preempted).unclear


def test_events_pair_with_their_thread_and_call_one_to_one() -> None:
    recorded = [
        call(at_ms=10, tid=1),
        call(at_ms=20, tid=1),
        call(at_ms=10, tid=2),
        call("writev", 10, tid=1),
    ]
    events = [
        Event(1, "readv", 20 * MS + 1_000, 200),
        Event(1, "readv", 10 * MS + 1_000, 100),
        Event(3, "readv", 10 * MS, 300),
        Event(1, "writev", 10 * MS, 400),
    ]
    told = {(pair.tid, pair.entry_ns): pair.reported_ns for pair in pair_events(events, recorded[:3], 0)}
    assert told == {(1, 10 * MS): 100, (1, 20 * MS): 200, (2, 10 * MS): None}


def test_times_of_another_clock_pair_with_nothing() -> None:
    pairs = pair_events([Event(501, "readv", 1_700_000_000 * 10**9, 5)], [call()], 0)
    assert [pair.reported_ns for pair in pairs] == [None]


def test_a_rare_plateau_that_is_all_wrong_does_not_hide() -> None:
    pairs = [Pair(10 * MS, 10 * MS, 0, 1, 300_000)] * 5_000 + [Pair(150 * MS, 15 * MS, 0, 1, 300_000)] * 10
    assert [result.standing for result in judge_plateaus(pairs, PLATEAUS)] == [
        Standing.PASS,
        Standing.PASS,
        Standing.PASS,
        Standing.FAIL,
    ]


# --- simulation of the rule as built ---

Wrong = Callable[[list[int]], list[int | None]]


def noise_ns(rng: random.Random, outliers: float) -> int:
    """What lies between two mechanisms: microseconds, and now and then a thread that lost its CPU between
    them.
    """
    return int(rng.expovariate(1 / 4_000)) + (int(rng.uniform(1, 20) * MS) if rng.random() < outliers else 0)


def run(rng: random.Random, wrong: Wrong, outliers: float) -> list[Pair]:
    """One simulated run: 150 waits a plateau, and a tracer that reports them as `wrong` says.

    The tracer's probes lie inside the outer recorder's and around the inner one's, as on the lab host.
    """
    inner = [int((ms + rng.expovariate(2)) * MS) for ms in (10, 25, 60, 150) for _ in range(EACH)]
    rng.shuffle(inner)
    seen = [one + noise_ns(rng, outliers) for one in inner]
    outer = [one + noise_ns(rng, outliers) for one in seen]
    slack = slack_ns(out - one for one, out in zip(inner, outer, strict=True))
    return [
        Pair(out, told, 0, 1, slack, one) for one, told, out in zip(inner, wrong(seen), outer, strict=True)
    ]


def accepted(seed: int, wrong: Wrong, outliers: float) -> bool:
    """Whether the rule accepts: one run, and where it leaves it open, a second one pooled."""
    rng = random.Random(seed)
    pairs = run(rng, wrong, outliers)
    results = {result.standing for result in judge_plateaus(pairs, PLATEAUS)}
    if Standing.UNDECIDED in results and Standing.FAIL not in results:
        pairs += run(rng, wrong, outliers)
        results = {result.standing for result in judge_plateaus(pairs, PLATEAUS, pooled=True)}
    return results == {Standing.PASS}


def right(seen: list[int]) -> list[int | None]:
    return list(seen)


WRONG: dict[str, Wrong] = {
    "microseconds for nanoseconds": lambda seen: [one // 1_000 for one in seen],
    "10% too long": lambda seen: [int(one * 1.1) for one in seen],
    "10% too short": lambda seen: [int(one * 0.9) for one in seen],
    "the mean for each": lambda seen: [sum(seen) // len(seen)] * len(seen),
    "only the first 500 kept": lambda seen: [one if index < 500 else None for index, one in enumerate(seen)],
    "one in twelve lost": lambda seen: [one if index % 12 else None for index, one in enumerate(seen)],
    "clipped at 100 ms": lambda seen: [min(one, 100 * MS) for one in seen],
    "the next one's duration": lambda seen: [*seen[1:], seen[0]],
    "rounded up to powers of two": lambda seen: [2 ** math.ceil(math.log2(one)) for one in seen],
}


@pytest.mark.parametrize("outliers", [0.0, 0.005, 0.02, 0.1])
def test_right_tracers_are_not_rejected(outliers: float) -> None:
    # 2% of calls losing their CPU between two mechanisms is a machine with hogs on it.
    rejected = [seed for seed in range(200) if not accepted(seed, right, outliers)]
    assert rejected == []


@pytest.mark.parametrize("outliers", [0.0, 0.02])
@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_wrong_tracers_are_not_accepted(wrong: Wrong, outliers: float) -> None:
    assert [seed for seed in range(40) if accepted(seed, wrong, outliers)] == []
