"""Programs that the lab host's own driver starts; there is no container to trace."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from grader.host import Host
from grader.target import Target
from grader.traffic import Drive, LedgerEntry, OrderChannel, Step
from workloads.errors import UnknownStepError
from workloads.ordered_steps import carry_out

KINDS = ("exec_caller", "trace_pipe_noise")


def workload() -> Callers:
    """What `workloads.discover` asks every workload folder for."""
    return Callers()


class Callers:
    """Satisfies `workloads.discover.PreparableWorkload`: nothing to build, start or warm."""

    def digest(self) -> str:
        """Always the same: nothing of it is kept on a host."""
        return ""

    def build(self, machine: str, progress: Callable[[str], None]) -> tuple[Path, ...]:
        """Nothing."""
        return ()

    def prepare(self, host: Host, progress: Callable[[str], None]) -> None:
        """Nothing."""

    def up(self, host: Host, progress: Callable[[str], None]) -> Target | None:
        """None: there is no container to trace."""
        return None

    @contextlib.contextmanager
    def drive(self, host: Host, target: Target | None, orders: OrderChannel) -> Iterator[Drive]:
        """Knows the kinds `exec_caller` {caller, execs, fail_execs, forks} and `trace_pipe_noise` {lines}."""
        yield CallersDrive(orders)


class CallersDrive:
    """Satisfies `grader.traffic.Drive`."""

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
