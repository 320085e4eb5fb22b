"""Real runs of the solutions, recorded on a lab host: they pass, and mistakes made of them are named."""

from __future__ import annotations

import dataclasses

import pytest

from grader.judge import judge
from grader.observation import Report
from grader.report.fields import flat_numbers
from grader.truth.calls import ledger
from grader.verdict import Outcome
from lab.comparison.compare import Row
from tests.exercises.recorded_runs import SLUGS, recorded
from tests.exercises.simulated import Tracer, exercise, triton_report


@pytest.mark.parametrize("slug", SLUGS)
def test_the_recorded_run_of_the_solution_passes(slug: str) -> None:
    told = judge(exercise(slug), recorded(slug))
    assert told.outcome is Outcome.PASS, [one for one in told.checks if one.outcome is not Outcome.PASS]


@pytest.mark.parametrize("slug", SLUGS)
def test_what_lab_run_shows_as_sent_is_what_the_solution_counted(slug: str) -> None:
    seen, told = recorded(slug), exercise(slug).summary
    assert told is not None
    assert isinstance(seen.report, Report)
    flat = flat_numbers(seen.report.document)
    rows = [Row.beside(key, flat.get(key), right) for key, right in told(seen).items()]
    # No number of calls follows from gRPC requests, so nobody is asked to count them.
    wanting = ["requests.grpc"] if slug == "03-workload" else []
    assert [row.name for row in rows if not row.agrees] == wanting


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
