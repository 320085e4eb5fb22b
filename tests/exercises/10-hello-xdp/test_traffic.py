"""Exercise 10: what it sends."""

from __future__ import annotations

import random

import pytest

from grader.onhost.network.frames import KINDS
from tests.exercises.plans import SEEDS, is_prime
from tests.exercises.simulated import exercise


def frames(seed: int, cpus: int) -> list[tuple[int, dict[str, int]]]:
    """(CPU, kind -> number) of the steps of exercise 10."""
    plan = exercise("10-hello-xdp").plan(random.Random(seed), cpus)
    return [(step.params["cpu"], step.params["frames"]) for phase in plan.phases for step in phase]


@pytest.mark.parametrize(("cpus", "senders"), [(1, {0}), (2, {0, 1}), (64, {0, 1, 2, 3})])
def test_frames_are_sent_by_several_cpus_where_there_are_several(cpus: int, senders: set[int]) -> None:
    assert {cpu for cpu, _ in frames(1, cpus)} == senders


def test_every_kind_of_frame_is_sent_by_every_cpu_in_different_prime_numbers() -> None:
    for seed in SEEDS:
        for _, numbers in frames(seed, 2):
            assert numbers.keys() == KINDS.keys()
            assert all(map(is_prime, numbers.values()))
            assert len(set(numbers.values())) == len(numbers)
