"""Patience with the recorder while it starts: as long as it gets on, however slow the machine is.

It gets on when a new step begins or when its processes use CPU time. Then systemd is asked for more time;
where nothing has moved for `SILENCE_S`, the start is ended and named.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from typing import NoReturn

from ..contract.services import RECORDER_UNIT
from ..kernel.unit_cgroup import UnitCgroup
from .silence import SILENCE_S, Silence

LOOK_EVERY_S = 2.0
ASKED_FOR_S = 90
"""Longer than SILENCE_S: it is we who say where it hangs. As TimeoutStartSec= in lab-recorder.service."""

CPU_STEP_S = 1.0
"""Less than this is no work: what the looks use is known only roughly."""

EXIT_STUCK = 75
"""As in lab-recorder.service: systemd does not try again by itself."""


class StartWatch:
    """A context manager; `step` is called by whoever starts something, the looks come from a thread."""

    def __init__(
        self,
        tell_systemd: Callable[[str], None],
        cpu_s: Callable[[], float] | None = None,
        give_up: Callable[[str], None] | None = None,
    ) -> None:
        self._tell = tell_systemd
        self._cpu_s = cpu_s or _used_by_others_s
        self._give_up = give_up or _end
        self._silence = Silence()
        self._step = "starting"
        self._counted_s = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="start-watch", daemon=True)

    def __enter__(self) -> StartWatch:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._over.set()
        self._thread.join()

    def step(self, name: str) -> None:
        """This begins now, as in "loading its eBPF programs"."""
        self._step = name

    def look(self, now_s: float) -> None:
        """Ask for more time when something moved, give up when nothing has for too long."""
        step = self._step
        cpu_s = self._cpu_s()
        if cpu_s - self._counted_s >= CPU_STEP_S:
            self._counted_s = cpu_s
        silent_s = self._silence.after(now_s, step, self._counted_s)
        if silent_s == 0:
            self._tell(f"EXTEND_TIMEOUT_USEC={ASKED_FOR_S * 1_000_000}\nSTATUS={step}")
        elif silent_s >= SILENCE_S:
            self._give_up(f"stuck while {step}: it has used no CPU time for {silent_s:.0f} s")

    def _watch(self) -> None:
        while not self._over.wait(LOOK_EVERY_S):
            self.look(time.monotonic())


def _used_by_others_s() -> float:
    """What the looks themselves use is no progress."""
    return UnitCgroup(RECORDER_UNIT).cpu_s() - time.thread_time()


def _end(why: str) -> NoReturn:
    print(f"recorder: {why}", file=sys.stderr, flush=True)
    os._exit(EXIT_STUCK)
