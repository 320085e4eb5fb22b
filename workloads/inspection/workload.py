"""The lab host itself, as the doctor sees it, and programs that start on it."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any

from grader.host import Host
from grader.onhost.contract.driver_orders import ExecCaller
from grader.traffic import LedgerEntry, OrderChannel, Step
from vm.doctor.gather import look_at_host
from workloads.errors import UnknownStepError
from workloads.ordered_steps import by_kind, carry_out
from workloads.without_container import WithoutContainer

DOCTOR = "doctor"
ORDERED = by_kind(ExecCaller)


def workload() -> WithoutContainer:
    """What `workloads.discover` asks every workload folder for."""
    return WithoutContainer(InspectionDrive)


class InspectionDrive:
    """Satisfies `grader.traffic.Drive`: `doctor` {}, and orders with the orders' fields."""

    def __init__(self, host: Host, orders: OrderChannel) -> None:
        self._host, self._orders = host, orders

    def run(self, step: Step) -> list[LedgerEntry]:
        """One entry. Of `doctor`, `results` are {name, grade (`ok`, `warn`, `bad`), message, hint} each.

        Raises UnknownStepError.
        """
        if step.kind == DOCTOR:
            return [self._doctor()]
        if step.kind not in ORDERED:
            raise UnknownStepError(step.kind, (DOCTOR, *ORDERED))
        return [carry_out(ORDERED[step.kind], step, str(step.params["caller"]), self._orders)]

    def _doctor(self) -> LedgerEntry:
        started_ns = time.monotonic_ns()
        results: list[dict[str, Any]] = [
            asdict(result) for result in look_at_host(self._host, self._host.facts.kind)
        ]
        # What is bad on the host is an answer too, and not traffic that went wrong.
        return LedgerEntry(
            DOCTOR, "the lab host", True, started_ns, time.monotonic_ns(), {"results": results}
        )
