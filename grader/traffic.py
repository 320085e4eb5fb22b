"""What we intend to send (the plan) and what was really sent (the ledger). Both stay on the lab side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from grader.host import Host
from grader.onhost.contract.order import Order
from grader.target import Target

A = TypeVar("A")


@dataclass(frozen=True)
class Step:
    """One thing a workload's drive knows how to do, e.g. Step("http", {"requests": [...]})."""

    kind: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class TrafficPlan:
    """Phases run one after the other; the steps of one phase run at the same time."""

    canary: Step
    """A small piece of the same traffic, repeated until the tracer's own run count moves."""
    phases: tuple[tuple[Step, ...], ...]


@dataclass(frozen=True)
class LedgerEntry:
    """One unit of traffic that was really sent: a request, an exec, a batch of calls."""

    kind: str
    who: str
    """Where it went: a container's name, a caller's name."""
    ok: bool
    """Whether it was answered as planned."""
    started_ns: int
    ended_ns: int
    """Lab-side CLOCK_MONOTONIC; never compared with the lab host's clock."""
    detail: Mapping[str, Any] = field(default_factory=dict)


class OrderChannel(Protocol):
    """The driver on the lab host: takes one order at a time and never sees the plan."""

    def order(self, order: Order[A]) -> A:
        """Have one order carried out there and return its answer. Safe to call from several threads."""


class Drive(Protocol):
    """Sends a workload's traffic. Steps of one phase are called from different threads at once."""

    def run(self, step: Step) -> list[LedgerEntry]:
        """Carry out one step to its end and say what was really sent."""


class Workload(Protocol):
    """A folder in `workloads/`: how to bring it up on a host and how to drive it."""

    def up(self, host: Host, progress: Callable[[str], None]) -> Target | None:
        """Bring it up (or find it up) and healthy. None when there is no container to trace."""

    def drive(self, host: Host, target: Target | None, orders: OrderChannel) -> AbstractContextManager[Drive]:
        """What sends its traffic."""
