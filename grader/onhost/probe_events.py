"""Probes that BCC defined in tracefs and a tracer that was killed did not take away again.

Return probes with maxactive, and uprobes.
"""

from __future__ import annotations

import time
from pathlib import Path

FOLDER = Path("/sys/kernel/tracing")
FILES = ("kprobe_events", "uprobe_events")


def remove_probes(wait_s: float = 0.0, folder: Path = FOLDER) -> list[str]:
    """Remove those that BCC named, in the kernel and in programs; the names (`group/name`) of what went."""
    return [name for file in FILES for name in _remove_from(folder / file, wait_s)]


def _remove_from(path: Path, wait_s: float) -> list[str]:
    """All of one file.

    The kernel refuses one that is in use, also for a moment after its last user: `wait_s` is the patience.
    """
    deadline = time.monotonic() + wait_s
    removed: list[str] = []
    while True:
        there = _defined(path)
        removed += [name for name in there if _remove(path, name)]
        if len(there) == 0 or time.monotonic() > deadline or not _defined(path):
            return removed
        time.sleep(0.05)


def _defined(path: Path) -> list[str]:
    try:
        words = [line.split()[0] for line in path.read_text().splitlines() if line.strip()]
    except OSError:
        return []
    return [word.partition(":")[2] for word in words if "_bcc_" in word]


def _remove(path: Path, name: str) -> bool:
    try:
        # Opened to append it would seek, which this file refuses; opened to write it would drop everything.
        with path.open("r+b", buffering=0) as file:
            file.write(f"-:{name}\n".encode())
    except OSError:
        return False
    return True
