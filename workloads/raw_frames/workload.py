"""Raw frames that the lab host's driver sends to the tracer's interface; there is no container to trace."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from grader.host import Host
from grader.target import Target
from grader.traffic import Drive, LedgerEntry, OrderChannel, Step
from workloads.errors import UnknownStepError
from workloads.ordered_steps import carry_out

KINDS = ("raw_packets",)


def workload() -> RawFrames:
    """What `workloads.discover` asks every workload folder for."""
    return RawFrames()


class RawFrames:
    """Satisfies `workloads.discover.PreparableWorkload`: the session makes the network with the tracer."""

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
        """Knows the kind `raw_packets` {frames: kind -> number, seed, cpu}."""
        yield RawFramesDrive(orders)


class RawFramesDrive:
    """Satisfies `grader.traffic.Drive`."""

    def __init__(self, orders: OrderChannel) -> None:
        self._orders = orders

    def run(self, step: Step) -> list[LedgerEntry]:
        """One entry; its detail is what was asked for, and under `sent` what the host says was sent.

        Raises UnknownStepError.
        """
        if step.kind not in KINDS:
            raise UnknownStepError(step.kind, KINDS)
        return [carry_out(step, "the tracer's interface", self._orders)]
