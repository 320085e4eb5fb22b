"""Exercise 4: each mistake is named by its check, and only what is right passes. No lab host needed."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from grader.judge import judge
from grader.observation import KernelFacts, MapFacts, Observation, RecordedCall, Report
from grader.verdict import Outcome, Verdict
from tests.exercises.simulated import (
    HELPER,
    MS,
    SERVER,
    attached_twice,
    both_ends,
    container,
    exercise,
    programs,
    triton_report,
    triton_run,
)

RUN = triton_run()
CALLS = RUN.recordings[0].calls
RIGHT = triton_report(CALLS)
KERNEL = programs(both_ends(CALLS))
CHECKS = sys.modules[exercise("04-kprobes").plan.__module__]


def seen(document: dict[str, Any], kernel: KernelFacts = KERNEL) -> Observation:
    """The run through a tracer that printed this."""
    return dataclasses.replace(RUN, report=Report(document, bytes=9), kernel=kernel)


def verdict(document: dict[str, Any], kernel: KernelFacts = KERNEL) -> Verdict:
    """What the exercise says to it."""
    return judge(exercise("04-kprobes"), seen(document, kernel))


def first_failure(document: dict[str, Any], kernel: KernelFacts = KERNEL) -> tuple[str, str]:
    """(check, cause) of the first check that failed."""
    told = verdict(document, kernel)
    assert told.outcome is Outcome.FAIL, told
    return next((one.name, one.cause) for one in told.checks if one.outcome is Outcome.FAIL)


def test_a_right_report_passes() -> None:
    told = verdict(RIGHT)
    assert told.outcome is Outcome.PASS, [one for one in told.checks if one.outcome is not Outcome.PASS]


def test_a_tracer_that_says_nothing_of_lost_events_passes_and_so_does_one_that_lost_none() -> None:
    assert verdict({**RIGHT, "lost": 0}).outcome is Outcome.PASS


def test_a_call_that_began_before_the_tracer_may_be_counted_or_not() -> None:
    with_edge = {name: dict(row) for name, row in RIGHT["counts"].items()}
    with_edge["epoll_wait"]["calls"] += 1
    assert verdict({**RIGHT, "counts": with_edge}).outcome is Outcome.PASS


def everywhere(calls: Iterable[RecordedCall]) -> list[RecordedCall]:
    return [one for one in calls if one.exit_ns]


def server_only(calls: Iterable[RecordedCall]) -> list[RecordedCall]:
    return [one for one in calls if one.pid == SERVER and one.exit_ns]


def leaf_only(calls: Iterable[RecordedCall]) -> list[RecordedCall]:
    return [one for one in container(calls) if one.pid != HELPER]


def main_thread(calls: Iterable[RecordedCall]) -> list[RecordedCall]:
    return [one for one in calls if one.tid == SERVER]


def keyed_by_process(calls: Iterable[RecordedCall]) -> list[RecordedCall]:
    """Loses each tenth return to another thread."""
    return [one for number, one in enumerate(container(calls)) if number % 10]


FILTERS = {
    "no_filter": everywhere,
    "server_pid_only": server_only,
    "leaf_cgroup_only": leaf_only,
    "thread_id_as_pid": main_thread,
}


@pytest.mark.parametrize("cause", FILTERS)
def test_a_wrong_filter_is_named(cause: str) -> None:
    assert first_failure(triton_report(CALLS, FILTERS[cause])) == ("calls_per_syscall", cause)


def test_the_number_that_a_container_gives_its_server_is_named_beside_the_threads() -> None:
    told = verdict(triton_report(CALLS, lambda calls: [one for one in calls if one.pid == 1]))
    failed = next(one for one in told.checks if one.outcome is Outcome.FAIL)
    assert (failed.name, failed.cause) == ("calls_per_syscall", "thread_id_as_pid")
    assert "process id 1, which the server has only inside its container" in failed.message


def test_returns_of_the_whole_machine_are_named() -> None:
    document = triton_report(CALLS)
    unfiltered = triton_report(CALLS, everywhere)["counts"]
    for name, row in document["counts"].items():
        row["with_data"] = unfiltered[name]["with_data"]
    assert first_failure(document) == ("calls_with_data", "returns_unfiltered")


def test_calls_of_one_cpu_and_single_lost_ones_are_named() -> None:
    half = {name: {**row, "calls": row["calls"] // 2} for name, row in RIGHT["counts"].items()}
    per_cpu = dataclasses.replace(KERNEL, maps=(MapFacts(3, "calls", "percpu_array", 5),))
    assert first_failure({**RIGHT, "counts": half}, per_cpu) == ("calls_per_syscall", "one_cpu")
    less = {name: dict(row) for name, row in RIGHT["counts"].items()}
    less["sendto"]["calls"] -= 1
    assert first_failure({**RIGHT, "counts": less}) == ("calls_per_syscall", "lost_updates")


def test_errors_taken_for_data_are_named() -> None:
    document = triton_report(CALLS, data=lambda one: one.ret != 0)
    assert first_failure(document) == ("calls_with_data", "errors_counted_as_data")


def test_every_return_taken_for_data_is_named() -> None:
    document = triton_report(CALLS, data=lambda one: True)
    assert first_failure(document) == ("calls_with_data", "every_return_is_data")


def test_starts_that_threads_overwrite_are_named() -> None:
    document = triton_report(CALLS, keyed_by_process)
    for name, row in document["counts"].items():
        row["calls"] = RIGHT["counts"][name]["calls"]
    assert first_failure(document) == ("calls_with_data", "starts_overwritten")


def test_a_start_that_stayed_and_was_found_by_a_call_outside_the_container_is_named() -> None:
    counts = {name: dict(row) for name, row in RIGHT["counts"].items()}
    counts["sendto"]["with_data"] += 1
    assert first_failure({**RIGHT, "counts": counts}) == ("calls_with_data", "stale_start")


def test_two_programs_at_each_entry_are_named() -> None:
    assert first_failure(triton_report(CALLS, times=2), attached_twice(KERNEL)) == (
        "calls_per_syscall",
        "attached_twice",
    )


def test_return_probes_that_ran_out_are_named() -> None:
    scarce = programs(both_ends(CALLS, returns=0.1))
    assert first_failure(RIGHT, scarce) == ("ran", "return_probes_exhausted")


def test_a_program_that_interrupted_itself_is_named() -> None:
    programs_of_run = list(KERNEL.programs)
    entry = programs_of_run[0]
    programs_of_run[0] = dataclasses.replace(entry, run_count=entry.run_count // 2, recursion_misses=40)
    kernel = dataclasses.replace(KERNEL, programs=tuple(programs_of_run))
    assert first_failure(RIGHT, kernel) == ("ran", "recursion_misses")


def test_the_wrong_family_is_named() -> None:
    runs = both_ends(CALLS)
    runs["kprobe", "read"] = runs.pop(("kprobe", "readv"))
    assert first_failure(RIGHT, programs(runs)) == ("probes_on_the_five_calls", "not_all_attached")


def test_numbers_without_a_probe_or_without_a_map_are_named() -> None:
    assert first_failure(RIGHT, KernelFacts()) == ("probes_on_the_five_calls", "nothing_attached")
    assert first_failure(RIGHT, programs(both_ends(CALLS), ())) == ("counted_in_the_kernel", "no_map")


def changed(**fields: Any) -> dict[str, Any]:
    """The right report with a field of every event computed anew: a value, or a function of the event."""
    events = [
        {**event, **{key: made(event) if callable(made) else made for key, made in fields.items()}}
        for event in RIGHT["events"]
    ]
    return {**RIGHT, "events": events}


@pytest.mark.parametrize(
    ("fields", "check", "cause"),
    [
        ({"fd": 0x3274FB8}, "events_match_calls", "fd_from_the_wrapper"),
        ({"pid": lambda event: event["tid"]}, "events_match_calls", "pid_wrong"),
        ({"ret": lambda event: event["ret"] % 2**64}, "events_match_calls", "unsigned_return"),
        ({"comm": "python3"}, "events_match_calls", "comm_wrong"),
        ({"ts_ns": 1_900 * MS}, "events_match_calls", "stale_start"),
        ({"ts_ns": 1_790_000_000_000_000_000}, "events_match_calls", "wrong_clock"),
        ({"duration_ns": lambda event: event["duration_ns"] // 1_000}, "waits_per_plateau", "wrong_unit"),
        ({"duration_ns": lambda event: event["duration_ns"] // MS}, "waits_per_plateau", "wrong_unit"),
        ({"duration_ns": lambda event: event["duration_ns"] % 2**32}, "waits_per_plateau", "kept_in_32_bits"),
    ],
)
def test_a_wrong_field_of_the_events_is_named(fields: dict[str, Any], check: str, cause: str) -> None:
    assert first_failure(changed(**fields)) == (check, cause)


def test_short_calls_never_decide() -> None:
    def doubled(event: dict[str, Any]) -> int:
        return int(event["duration_ns"] * (1 if event["syscall"] == "epoll_wait" else 2))

    assert verdict(changed(duration_ns=doubled)).outcome is Outcome.PASS


def test_events_that_found_no_room_and_events_never_fetched_are_told_apart() -> None:
    events = RIGHT["events"]
    assert first_failure({**RIGHT, "events": events[:64], "lost": len(events) - 64}) == (
        "events_match_calls",
        "events_lost",
    )
    assert first_failure({**RIGHT, "events": events[::2]}) == ("events_match_calls", "events_lost")
    early = sorted(events, key=lambda event: event["ts_ns"] + event["duration_ns"])[:-300]
    assert first_failure({**RIGHT, "events": early}) == ("events_match_calls", "last_events_missing")
    # Written in the other order than the calls ended, because another CPU was quicker.
    swapped = [*early[:-25], early[-1]]
    assert first_failure({**RIGHT, "events": swapped}) == ("events_match_calls", "last_events_missing")


@pytest.mark.parametrize(
    "document",
    [{}, {"counts": {}}, {"counts": RIGHT["counts"]}, {"counts": RIGHT["counts"], "events": [{"tid": 1}]}],
)
def test_a_report_that_lacks_something_is_named(document: dict[str, Any]) -> None:
    assert first_failure(document) == ("report_readable", "report_field")


def test_requests_that_the_recorder_did_not_see_are_no_evidence() -> None:
    extra = (*RUN.ledger, *[one for one in RUN.ledger if one.kind == "http"])
    told = judge(exercise("04-kprobes"), dataclasses.replace(seen(RIGHT), ledger=extra))
    assert told.outcome is Outcome.ERROR


def moved(move: Callable[[RecordedCall], RecordedCall]) -> Observation:
    """The run with calls of the server changed, for both recorders, and a right tracer's report of it."""
    recordings = tuple(
        dataclasses.replace(
            one, calls=tuple(move(call) if call.pid == SERVER else call for call in one.calls)
        )
        for one in RUN.recordings
    )
    return dataclasses.replace(seen(triton_report(recordings[0].calls)), recordings=recordings, seed=RUN.seed)


def test_two_patient_connections_on_one_thread_are_no_evidence() -> None:
    def to_the_first(call: RecordedCall) -> RecordedCall:
        return dataclasses.replace(call, tid=SERVER + 1) if call.tid == SERVER + 2 else call

    told = judge(exercise("04-kprobes"), moved(to_the_first))
    assert told.outcome is Outcome.ERROR
    assert "only 2 of 4 patient connections had a thread to themselves" in told.checks[0].message


def test_a_patient_connection_that_changes_its_thread_is_no_evidence() -> None:
    late_ns = sorted(call.entry_ns for call in CALLS if call.tid == SERVER + 4)[-50]

    def to_another(call: RecordedCall) -> RecordedCall:
        late = call.tid == SERVER + 4 and call.entry_ns >= late_ns
        return dataclasses.replace(call, tid=SERVER + 5) if late else call

    told = judge(exercise("04-kprobes"), moved(to_another))
    assert told.outcome is Outcome.ERROR
    assert "only 3 of 4 patient connections" in told.checks[0].message


def test_what_was_planted_is_told_by_the_thread_although_connections_go_on_at_a_time() -> None:
    planted = CHECKS.planted_durations(RUN)
    assert len({one.tid for one in planted}) == len(CHECKS.PATIENT_REQUESTS)
    assert len(planted) == 2 * sum(CHECKS.PATIENT_REQUESTS)
    lasted = {(call.tid, call.entry_ns): call.duration_ns for call in CALLS if call.syscall == "epoll_wait"}
    longer = {(one.how, lasted[one.tid, one.entry_ns] - one.duration_ns) for one in planted}
    # As the simulated server waits.
    assert longer == {("the client waited", 3 * MS), ("the model slept", MS)}


def test_events_that_belong_to_no_call_of_the_container_are_named() -> None:
    stranger = {**RIGHT["events"][0], "tid": 99_999}
    document = {**RIGHT, "events": [*RIGHT["events"], stranger]}
    assert first_failure(document) == ("events_match_calls", "events_of_others")


def test_two_events_of_one_call_are_named() -> None:
    document = {**RIGHT, "events": [event for event in RIGHT["events"] for _ in range(2)]}
    assert first_failure(document) == ("events_match_calls", "events_twice")
