from __future__ import annotations

from typing import cast

import pytest

from grader.host import Host
from grader.traffic import Step
from tests.workloads.orders_on_paper import OrdersOnPaper
from workloads.errors import UnknownStepError
from workloads.raw_frames.workload import workload

NO_HOST = cast(Host, None)


def test_there_is_no_container_to_trace() -> None:
    assert workload().up(NO_HOST, print) is None


def test_a_step_becomes_an_order_and_the_ledger_holds_what_the_host_sent() -> None:
    sent = {"arp": {"packets": 3, "bytes": 126}}
    orders = OrdersOnPaper({"id": 3, "ok": True, "sent": sent})
    with workload().drive(NO_HOST, None, orders) as drive:
        (entry,) = drive.run(Step("raw_packets", {"frames": {"arp": 4}, "seed": 7, "cpu": 1}))
    assert orders.asked == [("raw_packets", 180.0, {"frames": {"arp": 4}, "seed": 7, "cpu": 1})]
    assert (entry.kind, entry.ok, entry.detail["cpu"], entry.detail["sent"]) == ("raw_packets", True, 1, sent)


def test_an_unknown_kind_is_refused() -> None:
    with (
        workload().drive(NO_HOST, None, OrdersOnPaper({})) as drive,
        pytest.raises(UnknownStepError, match="known: raw_packets"),
    ):
        drive.run(Step("http"))
