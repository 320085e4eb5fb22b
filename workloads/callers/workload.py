"""Programs that the lab host's own driver starts."""

from __future__ import annotations

from grader.onhost.contract.driver_orders import ExecCaller, TracePipeNoise
from grader.traffic import LedgerEntry, OrderChannel, Step
from workloads.errors import UnknownStepError
from workloads.ordered_steps import by_kind, carry_out
from workloads.without_container import WithoutContainer

ORDERED = by_kind(ExecCaller, TracePipeNoise)


def workload() -> WithoutContainer:
    """What `workloads.discover` asks every workload folder for."""
    return WithoutContainer(lambda _host, orders: CallersDrive(orders))


class CallersDrive:
    """Satisfies `grader.traffic.Drive`: all steps are orders, with the orders' fields."""

    def __init__(self, orders: OrderChannel) -> None:
        self._orders = orders

    def run(self, step: Step) -> list[LedgerEntry]:
        """One entry; its detail is what was asked for and what the host says was done.

        Raises UnknownStepError.
        """
        if step.kind not in ORDERED:
            raise UnknownStepError(step.kind, tuple(ORDERED))
        who = str(step.params.get("caller", "trace_pipe"))
        return [carry_out(ORDERED[step.kind], step, who, self._orders)]
