"""Whose calls a tracer's filter lets through: the right one, and the ordinary wrong ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from grader.observation import Observation
from grader.truth.calls import ledger

FIRST_PID = 1
"""What a container calls its server. On the host it is the machine's first process."""


class Made(Protocol):
    """A call of the system or of a function, by who made it."""

    @property
    def pid(self) -> int:
        """Its process."""

    @property
    def tid(self) -> int:
        """Its thread."""

    @property
    def in_target(self) -> bool:
        """Whether that is the container's."""


Whose = Callable[[Observation], Callable[[Made], bool]]


def everybody(_seen: Observation) -> Callable[[Made], bool]:
    """No filter."""
    return lambda _call: True


def the_container(_seen: Observation) -> Callable[[Made], bool]:
    """The right one."""
    return lambda call: call.in_target


def main_process(seen: Observation) -> Callable[[Made], bool]:
    """Only the server's process."""
    pid = main_pid(seen)
    return lambda call: call.pid == pid


def main_thread(seen: Observation) -> Callable[[Made], bool]:
    """A thread's number compared with the process's."""
    pid = main_pid(seen)
    return lambda call: call.tid == pid


def first_process(_seen: Observation) -> Callable[[Made], bool]:
    """The number that the server has inside its container."""
    return lambda call: call.pid == FIRST_PID


def own_cgroup(seen: Observation) -> Callable[[Made], bool]:
    """The container's own cgroup, without those below it."""
    below = helpers(seen)
    return lambda call: call.in_target and call.pid not in below


def main_pid(seen: Observation) -> int:
    """The server's process; -1 where there is none."""
    return seen.target.main_pid if seen.target else -1


def helpers(seen: Observation) -> set[int]:
    """Processes of ours in a cgroup below the container's."""
    return {int(unit.detail.get("pid", -1)) for unit in ledger(seen, "target_calls")}
