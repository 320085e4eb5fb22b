"""Programs that the lab host's own driver starts."""

from __future__ import annotations

from grader.traffic import LedgerEntry, OrderChannel, Step
from workloads.errors import UnknownStepError
from workloads.ordered_steps import carry_out
from workloads.without_container import WithoutContainer

KINDS = ("exec_caller", "trace_pipe_noise")


def workload() -> WithoutContainer:
    """What `workloads.discover` asks every workload folder for."""
    return WithoutContainer(lambda _host, orders: CallersDrive(orders))


class CallersDrive:
    """Satisfies `grader.traffic.Drive`.

    Knows `exec_caller` {caller, execs, fail_execs, forks} and `trace_pipe_noise` {lines}.
    """

    def __init__(self, orders: OrderChannel) -> None:
        self._orders = orders

    def run(self, step: Step) -> list[LedgerEntry]:
        """One entry; its detail is what was asked for and what the host says was done.

        Raises UnknownStepError.
        """
        if step.kind not in KINDS:
            raise UnknownStepError(step.kind, KINDS)
        who = str(step.params.get("caller", "trace_pipe"))
        return [carry_out(step, who, self._orders)]
