from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from grader.host import Host
from grader.onhost.contract.driver_orders import Started
from grader.traffic import Step
from tests.workloads.orders_on_paper import OrdersOnPaper
from vocabulary.completed import Completed
from workloads.errors import UnknownStepError
from workloads.inspection.workload import workload

ANSWER = """distribution=debian
version=13
release=6.12.0
machine=x86_64
memory_mib=600
free_mib=9000
systemd=257
running_systemd=1
end=1
"""


class AskedHost:
    """Answers the probe like a machine with too little memory."""

    facts = SimpleNamespace(kind="vm")

    def run(self, argv: list[str], **_options: Any) -> Completed:
        return Completed(0, ANSWER, "")


def drive(step: Step, orders: OrdersOnPaper) -> Any:
    with workload().drive(cast(Host, AskedHost()), None, orders) as opened:
        (entry,) = opened.run(step)
    return entry


def test_what_the_doctor_finds_wrong_is_an_answer_and_no_failed_traffic() -> None:
    entry = drive(Step("doctor"), OrdersOnPaper())
    grades = {result["name"]: result["grade"] for result in entry.detail["results"]}
    assert entry.ok
    assert (grades["host memory"], grades["host system"]) == ("bad", "ok")


def test_programs_are_started_by_the_hosts_driver() -> None:
    params = {"caller": "x", "execs": 5, "fail_execs": 0, "forks": 0}
    orders = OrdersOnPaper(Started(execs=5, fail_execs=0, forks=0))
    assert drive(Step("exec_caller", params), orders).detail["execs"] == 5


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(UnknownStepError, match="known: doctor, exec_caller"):
        drive(Step("http"), OrdersOnPaper())


def test_it_keeps_nothing_on_a_host() -> None:
    assert workload().digest() == ""
