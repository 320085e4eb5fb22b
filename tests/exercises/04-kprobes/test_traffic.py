"""Exercise 4: what it sends."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from typing import Any

import pytest

from tests.exercises.plans import SEEDS, is_prime
from tests.exercises.simulated import exercise
from workloads.triton.container import TARGET


def patient_step(seed: int) -> dict[str, Any]:
    """What exercise 4 sends over its patient connections."""
    plan = exercise("04-kprobes").plan(random.Random(seed), 2)
    (patient,) = [step for phase in plan.phases for step in phase if step.params.get("own_threads")]
    return dict(patient.params)


def patient_lanes(seed: int) -> list[list[dict[str, int]]]:
    """The patient connections of exercise 4."""
    lanes: list[list[dict[str, int]]] = patient_step(seed)["lanes"]
    return lanes


def test_every_planted_wait_happens_often_enough_to_be_graded() -> None:
    for seed in SEEDS:
        waits = Counter(wait for lane in patient_lanes(seed) for request in lane for wait in request.values())
        assert set(waits) == {10, 22, 48, 105}
        assert min(waits.values()) >= 138


def test_each_patient_connection_carries_all_planted_waits_alike() -> None:
    for seed in SEEDS:
        for lane in patient_lanes(seed):
            waits = Counter(wait for request in lane for wait in request.values())
            assert set(waits) == {10, 22, 48, 105}
            assert max(waits.values()) - min(waits.values()) <= 1


def test_the_slow_waits_come_late() -> None:
    for seed in SEEDS:
        for lane in patient_lanes(seed):
            first = next(index for index, request in enumerate(lane) if 105 in request.values())
            assert first >= len(lane) // 5


def test_patient_connections_are_sent_at_a_time_each_to_a_thread_of_its_own() -> None:
    patient = patient_step(1)
    assert patient["who"] == "target"
    # The server has no more threads, and no other connection at that time.
    assert len(patient["lanes"]) <= TARGET.http_threads


def test_a_patient_connection_is_known_by_the_number_of_its_requests() -> None:
    for seed in SEEDS:
        plan = exercise("04-kprobes").plan(random.Random(seed), 2)
        steps = [plan.canary, *(step for phase in plan.phases for step in phase)]
        numbers = [len(lane) for step in steps for lane in step.params.get("lanes", ())]
        patient = [len(lane) for lane in patient_lanes(seed)]
        assert all(map(is_prime, patient))
        assert all(numbers.count(number) == 1 for number in patient)
        # One that lost a request, or was given one more, is not taken for another.
        assert all(longer - shorter > 2 for shorter, longer in itertools.pairwise(sorted(patient)))


def test_planted_waits_are_at_least_twice_the_next_shorter_one() -> None:
    lengths = sorted({wait for request in patient_lanes(1)[0] for wait in request.values()})
    assert all(longer >= 2 * shorter for shorter, longer in itertools.pairwise(lengths))


@pytest.mark.parametrize(("cpus", "threads"), [(1, 18), (2, 18), (8, 24), (64, 100)])
def test_more_threads_wait_than_return_probes_are_there_without_maxactive(cpus: int, threads: int) -> None:
    plan = exercise("04-kprobes").plan(random.Random(1), cpus)
    assert plan.phases[0][0].params == {"threads": threads}


def test_the_helper_makes_prime_numbers_of_calls_and_some_of_them_fail() -> None:
    plan = exercise("04-kprobes").plan(random.Random(3), 2)
    (calls,) = [
        step.params["calls"] for phase in plan.phases for step in phase if step.kind == "target_calls"
    ]
    assert all(map(is_prime, calls.values()))
    assert {name for name in calls if "failing" in name} == {
        f"{name}_failing" for name in ("readv", "writev", "recvfrom", "sendto")
    }


def test_no_two_calls_of_the_container_are_made_equally_often() -> None:
    for seed in range(300):
        plan = exercise("04-kprobes").plan(random.Random(seed), 2)
        steps = [plan.canary, *(step for phase in plan.phases for step in phase)]
        (helper,) = [step.params["calls"] for step in steps if step.kind == "target_calls"]
        lanes = [
            lane for step in steps if step.params.get("who") == "target" for lane in step.params["lanes"]
        ]
        names = ("readv", "writev", "recvfrom", "sendto")
        made = {name: helper[name] + helper[f"{name}_failing"] + sum(map(len, lanes)) for name in names}
        # Each connection ends with a readv; a thread is woken as often as one reads.
        numbers = {made[name] + (len(lanes) if name != "writev" else 0) for name in names}
        assert len(numbers) == len(names), seed


def test_the_decoy_gets_requests_while_the_target_does() -> None:
    plan = exercise("04-kprobes").plan(random.Random(3), 2)
    receivers = [{step.params.get("who") for step in phase if step.kind == "http"} for phase in plan.phases]
    assert receivers.count({"target", "decoy"}) == 2
