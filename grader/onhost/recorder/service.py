"""The recorder's service as who waits for it sees it: whether it gets on, and in plain words why not.

Run as a program it says why the service is not running.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

from ..contract.services import RECORDER_UNIT
from ..kernel.unit_cgroup import UnitCgroup
from .silence import SILENCE_S, Silence

OWN_WORDS = "recorder: "
"""How a line begins in which the recorder itself says what is wrong."""
LINES = 20


class RecorderDown(Exception):
    """It does not run, or does nothing any more; in plain words."""


class RecorderService:
    """Asked again and again while somebody waits for an answer of the recorder."""

    def __init__(
        self,
        state: Callable[[], str] | None = None,
        journal: Callable[[], list[str]] | None = None,
        cpu_s: Callable[[], float] | None = None,
    ) -> None:
        self._state = state or active_state
        self._journal = journal or last_lines
        self._cpu_s = cpu_s or UnitCgroup(RECORDER_UNIT).cpu_s
        self._silence = Silence()

    def look(self, now_s: float) -> None:
        """Raises RecorderDown when it has failed, or runs and has used no CPU time for too long.

        While it starts it watches over itself (start_watch.py), and fails when it gets stuck.
        """
        state = self._state()
        if state == "failed":
            raise RecorderDown(self.why())
        silent_s = self._silence.after(now_s, state, self._cpu_s())
        if state != "activating" and silent_s >= SILENCE_S:
            raise RecorderDown(f"the recorder has used no CPU time for {silent_s:.0f} s and does not answer")

    def why(self) -> str:
        """Why it does not run, as it said itself; else the last of what is known."""
        lines = self._journal()
        own = [line.removeprefix(OWN_WORDS) for line in lines if line.startswith(OWN_WORDS)]
        said = own[-1] if own else f"it left no word; the end of its log: {' / '.join(lines[-3:]) or 'empty'}"
        return f"the recorder does not run: {said}"


def active_state() -> str:
    """As systemd calls it: active, activating, deactivating, inactive or failed."""
    return _shown("ActiveState")


def last_lines() -> list[str]:
    """The end of what the recorder printed, and systemd of it."""
    # Not since the last start alone: a request that waits at the socket has it started anew at once.
    argv = [
        "journalctl",
        f"--unit={RECORDER_UNIT}",
        f"--lines={LINES}",
        "--output=cat",
        "--no-pager",
        "--quiet",
    ]
    done = subprocess.run(argv, capture_output=True, text=True, errors="replace", check=False)
    return [line for line in done.stdout.splitlines() if line.strip()]


def _shown(what: str) -> str:
    argv = ["systemctl", "show", "--value", f"--property={what}", RECORDER_UNIT]
    return subprocess.run(argv, capture_output=True, text=True, check=False).stdout.strip()


if __name__ == "__main__":
    print(RecorderService().why())
    sys.exit(1)
