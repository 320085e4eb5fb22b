"""What the exercises send."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from typing import Any

import pytest

from grader.onhost.network.frames import KINDS
from tests.exercises.simulated import exercise
from workloads.triton.container import TARGET

SEEDS = range(40)


def is_prime(number: int) -> bool:
    """For small numbers."""
    return number > 1 and all(number % divisor for divisor in range(2, int(number**0.5) + 1))


def patient_step(seed: int) -> dict[str, Any]:
    """What exercise 4 sends over its patient connections."""
    plan = exercise("04-kprobes").plan(random.Random(seed), 2)
    (patient,) = [step for phase in plan.phases for step in phase if step.params.get("own_threads")]
    return dict(patient.params)


def patient_lanes(seed: int) -> list[list[dict[str, int]]]:
    """The patient connections of exercise 4."""
    lanes: list[list[dict[str, int]]] = patient_step(seed)["lanes"]
    return lanes


@pytest.mark.parametrize(
    "slug", ["01-setting-up", "02-hello-world", "03-workload", "04-kprobes", "05-uprobes", "10-hello-xdp"]
)
def test_the_same_seed_plans_the_same_traffic_and_another_seed_does_not(slug: str) -> None:
    plan = exercise(slug).plan
    assert plan(random.Random(5), 2) == plan(random.Random(5), 2)
    assert plan(random.Random(5), 2) != plan(random.Random(6), 2)


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
