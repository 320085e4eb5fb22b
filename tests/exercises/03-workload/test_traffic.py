"""Exercise 3: what it sends."""

from __future__ import annotations

import random
from typing import Any

from tests.exercises.plans import SEEDS, is_prime
from tests.exercises.simulated import exercise


def requests_of_workload(seed: int, kind: str) -> list[dict[str, Any]]:
    """The steps of one protocol that exercise 3 sends to the target."""
    plan = exercise("03-workload").plan(random.Random(seed), 2)
    steps = [step for phase in plan.phases for step in phase]
    return [dict(step.params) for step in steps if step.kind == kind and step.params["who"] == "target"]


def test_http_requests_come_on_connections_that_are_kept_and_on_some_that_are_not() -> None:
    for seed in SEEDS:
        lengths = [len(lane) for step in requests_of_workload(seed, "http") for lane in step["lanes"]]
        assert 5 <= lengths.count(1) <= 7
        assert all(map(is_prime, (length for length in lengths if length > 1)))
        # Rounding to whole calls must show: the ends of connections are at least 2 in a hundred.
        assert len(lengths) / sum(lengths) >= 0.02


def test_several_grpc_requests_share_a_connection_at_a_time_after_one_that_does_not() -> None:
    for seed in SEEDS:
        first, *rest = requests_of_workload(seed, "grpc")
        assert (len(first["lanes"]), len(first["lanes"][0])) == (1, 3)
        assert all(len(step["lanes"]) > step["channels"] for step in rest)


def test_the_other_container_gets_both_protocols_in_exercise_3() -> None:
    plan = exercise("03-workload").plan(random.Random(3), 2)
    steps = [step for phase in plan.phases for step in phase if step.params.get("who") == "decoy"]
    assert {step.kind for step in steps} == {"http", "grpc"}
