"""Which tracers get traffic: canaries first, and nothing for one that is proven wrong."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from grader.checks.attached import attached
from grader.checks.functions import Function, functions_attached
from grader.observation import Attachment, KernelFacts
from grader.onhost.contract.recorder_orders import RecorderIsOn, RecorderOn
from grader.onhost.contract.tracer_orders import (
    AskKernel,
    CountRuns,
    InKernel,
    RunCounts,
)
from grader.place import kprobe
from tests.grader.observing.fake_host import FACTS, Answers, FakeHost
from tests.grader.observing.one_run import FakeWorkload, seen


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
