"""Exercise 4: a wrong filter is told apart in a real run."""

from __future__ import annotations

import dataclasses

import pytest

from grader.judge import judge
from grader.observation import Report
from grader.truth.calls import ledger
from grader.verdict import Outcome
from tests.exercises.recorded_runs import recorded
from tests.exercises.simulated import Tracer, exercise, triton_report

RUN = recorded("04-kprobes")
HELPER = ledger(RUN, "target_calls")[0].detail["pid"]
SERVER = RUN.target.main_pid if RUN.target else 0
FILTERS: dict[str, Tracer] = {
    "no_filter": lambda every: [one for one in every if one.exit_ns and one.entry_ns],
    "server_pid_only": lambda every: [one for one in every if one.pid == SERVER and one.exit_ns],
    "leaf_cgroup_only": lambda every: [
        one for one in every if one.in_target and one.pid != HELPER and one.exit_ns and one.entry_ns
    ],
    "thread_id_as_pid": lambda every: [one for one in every if one.tid == SERVER],
}


@pytest.mark.parametrize("cause", FILTERS)
def test_a_wrong_filter_is_told_apart_in_a_real_run(cause: str) -> None:
    document = triton_report(RUN.recordings[0].calls, FILTERS[cause])
    told = judge(exercise("04-kprobes"), dataclasses.replace(RUN, report=Report(document, bytes=9)))
    failed = [(one.name, one.cause) for one in told.checks if one.outcome is Outcome.FAIL]
    assert failed == [("calls_per_syscall", cause)]
