"""The lab host itself, as the doctor sees it, and programs that start on it; no container is traced."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from grader.host import Host
from grader.target import Target
from grader.traffic import Drive, LedgerEntry, OrderChannel, Step
from vm.doctor.gather import look_at_host
from vm.machine_facts import Runs
from workloads.errors import UnknownStepError
from workloads.ordered_steps import carry_out

DOCTOR = "doctor"
ORDERED = ("exec_caller",)


def workload() -> Inspection:
    """What `workloads.discover` asks every workload folder for."""
    return Inspection()


class Inspection:
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
        """Knows the kinds `doctor` {} and `exec_caller` {caller, execs, fail_execs, forks}."""
        yield InspectionDrive(host, orders)


class InspectionDrive:
    """Satisfies `grader.traffic.Drive`."""

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
        return [carry_out(step, str(step.params["caller"]), self._orders)]

    def _doctor(self) -> LedgerEntry:
        started_ns = time.monotonic_ns()
        results: list[dict[str, Any]] = [
            asdict(result) for result in look_at_host(cast(Runs, self._host), self._host.facts.kind)
        ]
        # What is bad on the host is an answer too, and not traffic that went wrong.
        return LedgerEntry(
            DOCTOR, "the lab host", True, started_ns, time.monotonic_ns(), {"results": results}
        )
