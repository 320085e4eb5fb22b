"""The straight line of a run, on a host that answers from a table."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from grader.attempt import Attempt
from grader.checks.attached import attached
from grader.checks.functions import Function, functions_attached
from grader.exercise import Check, Exercise, Recorder
from grader.host import Host
from grader.observation import Attachment, BadReport, KernelFacts, Observation, Report
from grader.observe import observe
from grader.onhost.contract.host_orders import CpuTime, Hello, HostNotes, MeasureYardstick, Quiet, TraceLines
from grader.onhost.contract.messages import Failed
from grader.onhost.contract.recorder_orders import RecorderIsOn, RecorderOff, RecorderOn, RecorderRead
from grader.onhost.contract.tracer_orders import (
    AskKernel,
    CountRuns,
    FindLeftBehind,
    InKernel,
    Printed,
    Readiness,
    RunCounts,
    StartAhead,
    StartTracer,
    StopTracer,
    TracerStopped,
    WaitReady,
)
from grader.place import kprobe
from grader.target import Target
from grader.traffic import Drive, LedgerEntry, OrderChannel, Step, TrafficPlan
from grader.trouble import Kind, Trouble
from tests.grader.observing.fake_host import FACTS, STOPPED, Answers, FakeHost, LostError

ATTEMPT = Attempt.of({"tracer.py": b"print('READY')\n"})
ENTRY = LedgerEntry("exec", "alpha", True, 1, 2)


class FakeWorkload:
    """Counts the steps it is asked for; `fails` is raised by a step of kind `bad`."""

    def __init__(self, fails: BaseException | None = None, answered: bool = True) -> None:
        self.steps: list[str] = []
        self.closed = False
        self._fails, self._answered = fails, answered

    def up(self, host: Host, progress: Callable[[str], None]) -> Target | None:
        return None

    @contextlib.contextmanager
    def drive(self, host: Host, target: Target | None, orders: OrderChannel) -> Iterator[Drive]:
        try:
            yield self
        finally:
            self.closed = True

    def run(self, step: Step) -> list[LedgerEntry]:
        self.steps.append(step.kind)
        if step.kind == "bad" and self._fails is not None:
            raise self._fails
        return [replace(ENTRY, ok=self._answered)]


def exercise(kinds: Sequence[str], checks: tuple[Check, ...]) -> Exercise:
    def plan(rng: random.Random, cpus: int) -> TrafficPlan:
        return TrafficPlan(Step("canary"), (tuple(Step(kind) for kind in kinds),))

    recorder = Recorder(("execve",), whole_host=True)
    folder = Path("exercises/02-hello-world")
    return Exercise(folder, 2, "02-x", "t", "g", 1, "callers", ("tracer.py",), plan, recorder, checks)


def seen(
    host: FakeHost,
    workload: FakeWorkload,
    attempts: int = 1,
    *kinds: str,
    checks: tuple[Check, ...] = (),
) -> list[Observation]:
    asked = exercise(kinds or ("exec",), checks)
    return observe(asked, [ATTEMPT] * attempts, host, None, workload, 7, lambda _line: None)


def came_to(**run: Any) -> TracerStopped:
    """`STOPPED`, but for what is said here of the tracer's run."""
    return replace(STOPPED, run=replace(STOPPED.run, **run))


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


def test_canaries_stop_when_the_programs_of_every_tracer_have_run() -> None:
    counts = iter([1, 1, 1, 2])
    host = FakeHost({CountRuns: lambda _: RunCounts({"t0": {9: next(counts)}})})
    workload = FakeWorkload()
    seen(host, workload)
    assert workload.steps == ["canary"] * 3 + ["exec"]


def test_a_tracer_that_no_canary_makes_run_gets_twenty_of_them_and_no_traffic() -> None:
    host = FakeHost({CountRuns: lambda _: RunCounts({"t0": {9: 0}})})
    workload = FakeWorkload()
    (one,) = seen(host, workload)
    assert workload.steps == ["canary"] * 20
    assert (one.traffic_ran, len(one.ledger), one.troubles) == (False, 20, ())


def test_a_tracer_that_never_runs_does_not_end_the_run_of_one_that_does() -> None:
    host = FakeHost({CountRuns: lambda _: RunCounts({"t0": {9: 0}, "t1": {9: next(counts)}})})
    counts = iter(range(30))
    workload = FakeWorkload()
    seen(host, workload, 2)
    assert workload.steps == ["canary"] * 20 + ["exec"]


def test_canaries_that_are_not_answered_prove_nothing() -> None:
    host = FakeHost({CountRuns: lambda _: RunCounts({"t0": {9: 0}})})
    workload = FakeWorkload(answered=False)
    (one,) = seen(host, workload)
    assert workload.steps == ["canary"] * 20 + ["exec"] and one.traffic_ran


def test_a_tracer_that_has_died_gets_no_traffic() -> None:
    at_once = FakeHost({AskKernel: lambda _: InKernel({"t0": FACTS}, ended=("t0",))})
    later = FakeHost({CountRuns: lambda _: RunCounts({"t0": {9: 0}}, ended=("t0",))})
    for host, steps in ((at_once, []), (later, ["canary"])):
        workload = FakeWorkload()
        (one,) = seen(host, workload)
        assert (workload.steps, one.traffic_ran) == (steps, False)


def test_no_traffic_is_sent_to_a_tracer_that_the_kernel_proves_wrong() -> None:
    elsewhere = attached(kprobe("readv"))
    workload = FakeWorkload()
    (one,) = seen(FakeHost(), workload, checks=(elsewhere,))
    assert (workload.steps, one.traffic_ran, one.troubles) == ([], False, ())
    right = FakeWorkload()
    (one,) = seen(FakeHost(), right, checks=(attached(kprobe("f")),))
    assert (right.steps, one.traffic_ran) == (["canary", "exec"], True)


def answered(answer: object, _order: object) -> object:
    return answer


def test_what_the_kernel_proves_of_functions_is_known_before_the_traffic() -> None:
    facts = replace(FACTS, attachments=(Attachment(9, "uprobe", "/bin/server", 64),))
    answers: Answers = {AskKernel: lambda asked: InKernel(dict.fromkeys(asked.tracers, facts))}
    for offset, sent in ((64, True), (65, False)):
        functions = RecorderIsOn(functions={"_Zmade": offset})
        host = FakeHost({**answers, RecorderOn: partial(answered, functions)})
        workload = FakeWorkload()
        (one,) = seen(host, workload, checks=(functions_attached(Function("_Zmade", "the constructor")),))
        assert one.traffic_ran is sent


def test_a_run_ends_early_only_when_no_tracer_of_it_can_still_be_right() -> None:
    elsewhere = replace(FACTS, attachments=(Attachment(9, "kprobe", "g"),))

    def facts(_: AskKernel) -> InKernel:
        return InKernel({"t0": elsewhere, "t1": FACTS})

    host, workload = FakeHost({AskKernel: facts}), FakeWorkload()
    seen(host, workload, 2, checks=(attached(kprobe("f")),))
    assert workload.steps == ["canary", "exec"]  # and no canary waits for the one attached elsewhere


def test_without_any_attached_program_no_traffic_is_sent() -> None:
    host = FakeHost({AskKernel: lambda asked: InKernel(dict.fromkeys(asked.tracers, KernelFacts()))})
    workload = FakeWorkload()
    (one,) = seen(host, workload)
    assert (one.traffic_ran, workload.steps, one.troubles) == (False, [], ())


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


def test_an_order_that_is_refused_is_our_trouble_and_the_rest_still_happens() -> None:
    host = FakeHost({Quiet: lambda _: Failed(0, "no")})
    (one,) = seen(host, FakeWorkload())
    assert one.troubles == (Trouble("quiet: no"),)
    assert RecorderOff in host.orders and isinstance(one.report, Report)


@pytest.mark.parametrize("kind", [Kind.BROKEN, Kind.BUSY])
def test_the_host_says_what_kind_of_trouble_it_is(kind: Kind) -> None:
    refusal = Failed(0, "/server has no function handle", kind=kind)
    (one,) = seen(FakeHost({RecorderOn: lambda _: refusal}), FakeWorkload())
    assert one.troubles == (Trouble("recorder_on: /server has no function handle", kind),)


def test_of_a_recorder_that_cannot_be_switched_on_nothing_else_is_told_than_why() -> None:
    """A real session knows no tracer that was never started, and a recorder that was never on is another."""
    refusal = Failed(0, "/server has no function handle", kind=Kind.BROKEN)
    another = Failed(0, "the recorder was started again", disturbed=True)
    host = FakeHost(
        {
            Hello: lambda _: HostNotes(("an old systemd",)),
            RecorderOn: lambda _: refusal,
            StopTracer: lambda _: Failed(0, "'t0'"),
            RecorderRead: lambda _: another,
        }
    )
    (one,) = seen(host, FakeWorkload())
    assert one.troubles == (Trouble("recorder_on: /server has no function handle", Kind.BROKEN),)
    assert one.tracer.ended_by != "interference"


def test_a_session_that_ends_is_our_trouble_with_what_it_said() -> None:
    host = FakeHost({RecorderRead: None})
    (one,) = seen(host, FakeWorkload())
    assert one.troubles == (Trouble("the session on the lab host ended: it fell over"),)


def test_what_is_disturbed_is_interference_only_where_the_jail_cannot_exclude_it() -> None:
    gone = Failed(0, "the recorder ended", disturbed=True)
    (ours,) = seen(FakeHost({RecorderRead: lambda _: gone}), FakeWorkload())
    assert ours.tracer.ended_by == "sigint"
    assert ours.troubles == (Trouble("recorder_read: the recorder ended"),)
    open_jail = FakeHost({RecorderRead: lambda _: gone, Hello: lambda _: HostNotes(("shared",))})
    (theirs,) = seen(open_jail, FakeWorkload())
    assert (theirs.tracer.ended_by, theirs.troubles) == ("interference", ())


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("a workload's own")])
def test_what_a_step_raises_passes_after_everything_was_stopped(error: BaseException) -> None:
    host, workload = FakeHost(), FakeWorkload(error)
    with pytest.raises(type(error)):
        seen(host, workload, 1, "exec", "bad")
    assert workload.closed and host.ended


def test_a_lost_host_passes_as_it_is() -> None:
    host = FakeHost({Quiet: None}, lost=True)
    with pytest.raises(LostError):
        seen(host, FakeWorkload())
    assert host.ended


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
