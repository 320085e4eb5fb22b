from __future__ import annotations

from typing import cast

import pytest

from grader.host import Host
from grader.onhost.contract.driver_orders import ExecCaller, NoiseWritten, Started
from grader.traffic import Step
from tests.workloads.orders_on_paper import OrdersOnPaper
from workloads.callers.workload import workload
from workloads.errors import UnknownStepError, WorkloadError

NO_HOST = cast(Host, None)


def test_there_is_no_container_to_trace() -> None:
    assert workload().up(NO_HOST, print) is None


def test_an_exec_step_becomes_an_order_and_its_answer_the_ledger() -> None:
    orders = OrdersOnPaper(Started(execs=211, fail_execs=6, forks=5))
    step = Step("exec_caller", {"caller": "baker", "execs": 211, "fail_execs": 7, "forks": 5})
    with workload().drive(NO_HOST, None, orders) as drive:
        (entry,) = drive.run(step)
    assert orders.asked == [ExecCaller("baker", 211, 7, 5, timeout_s=180)]
    assert (entry.kind, entry.who, entry.ok) == ("exec_caller", "baker", True)
    assert entry.detail == {"caller": "baker", "execs": 211, "fail_execs": 6, "forks": 5}
    assert entry.started_ns <= entry.ended_ns


def test_what_the_host_did_counts_and_not_what_was_asked_for() -> None:
    orders = OrdersOnPaper(NoiseWritten(99))
    with workload().drive(NO_HOST, None, orders) as drive:
        (entry,) = drive.run(Step("trace_pipe_noise", {"lines": 100}))
    assert entry.detail["lines"] == 99


def test_a_plan_may_set_the_limit_of_an_order() -> None:
    orders = OrdersOnPaper()
    with workload().drive(NO_HOST, None, orders) as drive:
        drive.run(Step("exec_caller", {"caller": "x", "execs": 1, "timeout_s": 7}))
    assert orders.asked == [ExecCaller("x", 1, timeout_s=7)]


@pytest.mark.parametrize(
    ("params", "wrong"),
    [({"caller": "x", "exec": 1}, "exec is not known"), ({"execs": 1}, "caller is missing")],
)
def test_params_that_the_order_does_not_have_are_an_error_of_the_plan(
    params: dict[str, object], wrong: str
) -> None:
    orders = OrdersOnPaper()
    with workload().drive(NO_HOST, None, orders) as drive, pytest.raises(WorkloadError, match=wrong):
        drive.run(Step("exec_caller", params))
    assert orders.asked == []


def test_an_unknown_kind_is_refused_with_the_known_ones() -> None:
    with (
        workload().drive(NO_HOST, None, OrdersOnPaper()) as drive,
        pytest.raises(UnknownStepError, match="known: exec_caller, trace_pipe_noise"),
    ):
        drive.run(Step("http"))
