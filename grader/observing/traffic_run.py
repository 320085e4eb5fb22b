"""Sending the traffic of a plan: canaries until the tracers are seen to work, then phase after phase."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial

from grader.observing.together import together
from grader.traffic import Drive, LedgerEntry, Step, TrafficPlan

CANARIES = 20
"""Enough for any tracer that works; one that is attached elsewhere is never seen to move."""


def send_canaries(
    drive: Drive,
    canary: Step,
    runs: Callable[[], dict[str, int]],
    ended: Callable[[], Collection[str]],
    ledger: list[LedgerEntry],
) -> bool:
    """Repeat `canary` until the run counts of all tracers that have not `ended` have moved, at most
    `CANARIES` times. Whether the traffic can tell anything of any of them.
    """
    before = runs()
    for _ in range(CANARIES):
        ledger += drive.run(canary)
        now = runs()
        waiting = [name for name in before if name not in ended()]
        moved = [name for name in waiting if now[name] > before[name]]
        if len(moved) == len(waiting):
            break
    # Where canaries were not answered it may be that nothing has happened that a program could see.
    return bool(moved) or (bool(waiting) and not all(entry.ok for entry in ledger))


def send_phases(
    drive: Drive, plan: TrafficPlan, ledger: list[LedgerEntry], sent: Callable[[int], None]
) -> None:
    """Each phase to its end; `sent` is told how many are done."""
    for number, phase in enumerate(plan.phases, 1):
        ledger += _send_together(drive, phase)
        sent(number)


def _send_together(drive: Drive, steps: Sequence[Step]) -> list[LedgerEntry]:
    """The steps of one phase, each in a thread of its own; the first error of any is raised."""
    sent = together([partial(drive.run, step) for step in steps], "lab-step")
    return [entry for entries in sent for entry in entries]
