"""The straight line of a run, on a host that answers from a table."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.attempt import Attempt
from grader.observation import BadReport, Report
from grader.onhost.contract.host_orders import CpuTime, Hello, MeasureYardstick, Quiet, TraceLines
from grader.onhost.contract.recorder_orders import RecorderOff, RecorderOn, RecorderRead
from grader.onhost.contract.tracer_orders import (
    AskKernel,
    CountRuns,
    FindLeftBehind,
    Printed,
    Readiness,
    StartAhead,
    StartTracer,
    StopTracer,
    TracerStopped,
    WaitReady,
)
from grader.trouble import Kind
from tests.grader.observing.fake_host import STOPPED, Answers, FakeHost
from tests.grader.observing.one_run import ATTEMPT, ENTRY, FakeWorkload, came_to, seen


def test_a_run_goes_from_recorder_on_to_everything_gone() -> None:
    host, workload = FakeHost(), FakeWorkload()
    (one,) = seen(host, workload)
    assert host.orders == [
        Hello,
        RecorderOn,
        StartTracer,
        WaitReady,
        AskKernel,
        CountRuns,
        CountRuns,
        Quiet,
        AskKernel,
        StopTracer,
        RecorderRead,
        TraceLines,
        FindLeftBehind,
        RecorderOff,
        StartAhead,
    ]
    assert workload.steps == ["canary", "exec"] and workload.closed and host.ended
    assert one.report == Report({"count": 211}, 14)
    assert (one.traffic_ran, one.ledger, one.troubles) == (True, (ENTRY, ENTRY), ())
    assert one.kernel.programs[0].run_count == 3 and one.kernel.left_behind == ("program 9",)
    assert (one.tracer.ended_by, one.tracer.trace_pipe) == ("sigint", "hello")
    assert [recording.mechanism for recording in one.recordings] == ["raw_tracepoint", "fentry"]
    assert (one.attempt, one.seed, one.host.accel) == (ATTEMPT.digest, 7, "tcg")


def test_a_tracer_that_is_not_ready_is_not_waited_for_by_the_others() -> None:
    def ready(order: WaitReady) -> Readiness:
        late = order.tracer == "t1"
        return Readiness(ready=not late, ended_by="not_ready" if late else "")

    def stopped(order: StopTracer) -> TracerStopped:
        late = replace(came_to(ready=False, ended_by="not_ready"), after=Printed())
        return late if order.tracer == "t1" else STOPPED

    host = FakeHost({WaitReady: ready, StopTracer: stopped})
    first, second = seen(host, FakeWorkload(), 2)
    assert first.traffic_ran and isinstance(first.report, Report)
    assert (second.tracer.ended_by, second.kernel.programs) == ("not_ready", ())
    assert isinstance(second.report, BadReport)


def test_a_tracer_that_is_killed_on_a_slow_host_is_not_to_blame() -> None:
    late: Answers = {StopTracer: lambda _: came_to(ended_by="killed")}
    (quick,) = seen(FakeHost(late), FakeWorkload())
    (slow,) = seen(FakeHost({**late, MeasureYardstick: lambda _: CpuTime(114.2)}), FakeWorkload())
    assert quick.troubles == ()
    (trouble,) = slow.troubles
    assert trouble.kind is Kind.BUSY and "took 114 s of CPU time" in trouble.message


@pytest.mark.parametrize(
    ("late", "came"), [(("t1",), ("sigint", True)), (("t1", "t1-again"), ("late", False))]
)
def test_a_tracer_that_works_too_long_is_tried_once_more_with_more_patience(
    late: tuple[str, ...], came: tuple[str, bool]
) -> None:
    asked: list[WaitReady] = []

    def ready(order: WaitReady) -> Readiness:
        asked.append(order)
        slow = order.tracer in late
        return Readiness(ready=not slow, ended_by="late" if slow else "")

    def stopped(order: StopTracer) -> TracerStopped:
        slow = replace(came_to(ready=False, ended_by="late", cpu_s=212.0), after=Printed())
        return slow if order.tracer in late else STOPPED

    first, second = seen(FakeHost({WaitReady: ready, StopTracer: stopped}), FakeWorkload(), 2)
    assert (first.tracer.ended_by, first.tracer.ready) == ("sigint", True)
    assert (second.tracer.ended_by, second.tracer.ready) == came
    assert [one.tracer for one in asked][2:] == ["t1-again"]
    assert asked[2].limits.times > asked[0].limits.times


def test_more_documents_before_sigint_are_counted() -> None:
    host = FakeHost({StopTracer: lambda _: replace(STOPPED, documents_before=4)})
    (one,) = seen(host, FakeWorkload())
    assert isinstance(one.report, Report) and one.report.documents_seen == 4


def test_a_flood_is_a_report_that_is_too_large() -> None:
    host = FakeHost({StopTracer: lambda _: replace(came_to(ended_by="limit"), output_exceeded=True)})
    (one,) = seen(host, FakeWorkload())
    assert isinstance(one.report, BadReport) and one.report.reason == "too_large"


def test_facts_say_programs_attachments_and_maps() -> None:
    (one,) = seen(FakeHost(), FakeWorkload())
    assert one.kernel.attachments[0].where == "f"
    assert (one.kernel.maps[0].entries, one.kernel.programs[0].map_ids) == (1, (4,))


def test_the_same_files_have_the_same_digest_and_others_another() -> None:
    again = Attempt.of({"tracer.py": b"print('READY')\n"})
    other = Attempt.of({"tracer.py": b"print('READY') \n"})
    assert again.digest == ATTEMPT.digest != other.digest
