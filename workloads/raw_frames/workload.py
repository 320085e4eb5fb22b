"""Raw frames that the lab host's driver sends to the tracer's interface, which the session makes."""

from __future__ import annotations

from grader.onhost.contract.driver_orders import RawPackets
from grader.traffic import LedgerEntry, OrderChannel, Step
from workloads.errors import UnknownStepError
from workloads.ordered_steps import by_kind, carry_out
from workloads.without_container import WithoutContainer

ORDERED = by_kind(RawPackets)


def workload() -> WithoutContainer:
    """What `workloads.discover` asks every workload folder for."""
    return WithoutContainer(lambda _host, orders: RawFramesDrive(orders))


class RawFramesDrive:
    """Satisfies `grader.traffic.Drive`: one order, with its fields."""

    def __init__(self, orders: OrderChannel) -> None:
        self._orders = orders

    def run(self, step: Step) -> list[LedgerEntry]:
        """One entry; its detail is what was asked for, and under `sent` what the host says was sent.

        Raises UnknownStepError.
        """
        if step.kind not in ORDERED:
            raise UnknownStepError(step.kind, tuple(ORDERED))
        return [carry_out(ORDERED[step.kind], step, "the tracer's interface", self._orders)]
