"""Sending the traffic of a plan: canaries until the tracers are seen to work, then phase after phase."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence

from grader.traffic import Drive, LedgerEntry, Step, TrafficPlan

CANARIES = 20
"""Enough for any tracer that works; one that is attached elsewhere is never seen to move."""


def send_canaries(
    drive: Drive, canary: Step, runs: Callable[[], dict[str, int]], ledger: list[LedgerEntry]
) -> None:
    """Repeat `canary` until the run counts of all tracers have moved, at most `CANARIES` times."""
    before = runs()
    for _ in range(CANARIES):
        ledger += drive.run(canary)
        now = runs()
        if all(now[name] > before[name] for name in before):
            return


def send_phases(
    drive: Drive, plan: TrafficPlan, ledger: list[LedgerEntry], sent: Callable[[int], None]
) -> None:
    """Each phase to its end; `sent` is told how many are done."""
    for number, phase in enumerate(plan.phases, 1):
        ledger += _send_together(drive, phase)
        sent(number)


def _send_together(drive: Drive, steps: Sequence[Step]) -> list[LedgerEntry]:
    """The steps of one phase, each in a thread of its own; the first error of any is raised."""
    done: queue.SimpleQueue[list[LedgerEntry] | BaseException] = queue.SimpleQueue()

    def send(step: Step) -> None:
        try:
            done.put(drive.run(step))
        except BaseException as error:
            done.put(error)

    # Daemons: after Ctrl-C or an error the drive is told to stop, and nobody waits for what they still do.
    for step in steps:
        threading.Thread(target=send, args=(step,), name=f"lab-{step.kind}", daemon=True).start()
    ledger: list[LedgerEntry] = []
    for _ in steps:
        result = done.get()
        if isinstance(result, BaseException):
            raise result
        ledger += result
    return ledger
