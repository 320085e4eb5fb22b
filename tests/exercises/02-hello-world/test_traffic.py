"""Exercise 2: what it sends."""

from __future__ import annotations

import random
from typing import Any

from tests.exercises.plans import SEEDS, is_prime
from tests.exercises.simulated import exercise


def callers(seed: int) -> list[dict[str, Any]]:
    """The planted callers of exercise 2."""
    plan = exercise("02-hello-world").plan(random.Random(seed), 2)
    return [dict(step.params) for phase in plan.phases for step in phase if step.kind == "exec_caller"]


def test_callers_have_different_names_that_the_kernel_keeps_whole() -> None:
    for seed in SEEDS:
        names = [one["caller"] for one in callers(seed)]
        assert len(set(names)) == 4
        assert all(len(name) <= 15 for name in names)


def test_a_caller_of_execve_has_the_longest_name_there_can_be_and_all_begin_with_different_letters() -> None:
    for seed in SEEDS:
        assert 15 in {len(one["caller"]) for one in callers(seed) if one["execs"] + one["fail_execs"]}
        assert len({one["caller"][0] for one in callers(seed)} | {"c"}) == 5


def test_one_caller_only_forks_one_only_fails_and_all_numbers_are_prime_and_different() -> None:
    for seed in SEEDS:
        numbers = [
            number
            for one in callers(seed)
            for number in (one["execs"], one["fail_execs"], one["forks"])
            if number
        ]
        assert all(map(is_prime, numbers))
        assert len(set(numbers)) == len(numbers)
        shapes = {tuple(one[key] > 0 for key in ("execs", "fail_execs", "forks")) for one in callers(seed)}
        assert {(False, False, True), (False, True, False), (True, False, False)} < shapes
