"""Exercise 5: what it sends."""

from __future__ import annotations

import random
from collections import Counter

from tests.exercises.plans import SEEDS, is_prime
from tests.exercises.simulated import exercise


def test_eight_streams_share_a_connection_and_a_prime_number_of_calls_is_given_up() -> None:
    for seed in SEEDS:
        plan = exercise("05-uprobes").plan(random.Random(seed), 2)
        steps = [step for phase in plan.phases for step in phase if step.params["who"] == "target"]
        (busy,) = [step for step in steps if len(step.params["lanes"]) == 8]
        assert busy.params.get("channels", 1) == 1
        given_up = [one for lane in busy.params["lanes"] for one in lane if one.get("cancel_ms")]
        assert is_prime(len(given_up))
        # An answer must not come first, also where the machine is slow.
        assert all(2 * one["cancel_ms"] <= one["sleep_ms"] for one in given_up)


def test_a_burst_of_calls_is_given_up_before_the_server_can_have_begun_with_all() -> None:
    for seed in SEEDS:
        plan = exercise("05-uprobes").plan(random.Random(seed), 2)
        alone = [phase[0].params["lanes"] for phase in plan.phases if len(phase) == 1]
        (burst,) = [lanes for lanes in alone if all(len(lane) == 1 for lane in lanes)]
        assert is_prime(len(burst)) and len(burst) > 4 * 4
        assert all(one["cancel_ms"] <= 16 < one["sleep_ms"] for (one,) in burst)


def test_streams_of_every_planted_length_are_sent_often_enough_by_patient_clients() -> None:
    for seed in SEEDS:
        plan = exercise("05-uprobes").plan(random.Random(seed), 2)
        alone = [phase[0] for phase in plan.phases if len(phase) == 1]
        (patient,) = [step for step in alone if len(step.params["lanes"][0]) > 1]
        lengths = Counter(one["sleep_ms"] for lane in patient.params["lanes"] for one in lane)
        assert set(lengths) == {15, 40, 100, 250}
        assert min(lengths.values()) >= 44
