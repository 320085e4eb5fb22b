"""Workloads that start no container: all they have is what their steps do."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.host import Host
from grader.target import Target
from grader.traffic import Drive, OrderChannel


@dataclass(frozen=True)
class WithoutContainer:
    """Satisfies `workloads.discover.PreparableWorkload`: nothing to build, start, warm or trace."""

    make_drive: Callable[[Host, OrderChannel], Drive]

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
        """A drive of this workload's own."""
        yield self.make_drive(host, orders)
