from __future__ import annotations

from typing import cast

import pytest

from grader.host import Host
from grader.observation import FrameCount
from grader.onhost.contract.driver_orders import FramesSent, RawPackets
from grader.traffic import Step
from tests.workloads.orders_on_paper import OrdersOnPaper
from workloads.errors import UnknownStepError
from workloads.raw_frames.workload import workload

NO_HOST = cast(Host, None)


def test_there_is_no_container_to_trace() -> None:
    assert workload().up(NO_HOST, print) is None


def test_a_step_becomes_an_order_and_the_ledger_holds_what_the_host_sent() -> None:
    orders = OrdersOnPaper(FramesSent({"arp": FrameCount(3, 126)}))
    with workload().drive(NO_HOST, None, orders) as drive:
        (entry,) = drive.run(Step("raw_packets", {"frames": {"arp": 4}, "seed": 7, "cpu": 1}))
    assert orders.asked == [RawPackets({"arp": 4}, seed=7, cpu=1, timeout_s=180)]
    assert (entry.kind, entry.ok, entry.detail["cpu"]) == ("raw_packets", True, 1)
    assert entry.detail["sent"] == {"arp": {"packets": 3, "bytes": 126}}


def test_an_unknown_kind_is_refused() -> None:
    with (
        workload().drive(NO_HOST, None, OrdersOnPaper()) as drive,
        pytest.raises(UnknownStepError, match="known: raw_packets"),
    ):
        drive.run(Step("http"))
