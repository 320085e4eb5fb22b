"""Probes that were defined in tracefs, in the kernel and in programs, and that a tracer left there."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from pathlib import Path

FOLDER = Path("/sys/kernel/tracing")
FILES = ("kprobe_events", "uprobe_events")
AT_ONCE = 64
"""Names in one write: a tracer may have defined thousands."""


def remove_probes(before: Collection[str] = (), wait_s: float = 0.0, folder: Path = FOLDER) -> list[str]:
    """Remove those that BCC named and those that were not there `before`; the names (`group/name`) that went.

    The kernel refuses one that is in use, also for a moment after its last user: `wait_s` is the patience.
    """
    return [name for file in FILES for name in _remove_from(folder / file, before, wait_s)]


def defined_probes(folder: Path = FOLDER) -> list[str]:
    """All that are defined now, in the kernel and in programs."""
    return [name for file in FILES for name in _defined(folder / file)]


def _remove_from(path: Path, before: Collection[str], wait_s: float) -> list[str]:
    deadline = time.monotonic() + wait_s
    removed: list[str] = []
    while True:
        there = [name for name in _defined(path) if "_bcc_" in name or name not in before]
        gone = _remove(path, there)
        removed += gone
        if len(gone) == len(there) or time.monotonic() > deadline:
            return removed
        time.sleep(0.05)


def _defined(path: Path) -> list[str]:
    try:
        words = [line.split()[0] for line in path.read_text().splitlines() if line.strip()]
    except OSError:
        return []
    return [word.partition(":")[2] for word in words]


def _remove(path: Path, names: Sequence[str]) -> list[str]:
    """Those that went: all at once where the kernel agrees, else one by one."""
    gone: list[str] = []
    for start in range(0, len(names), AT_ONCE):
        some = names[start : start + AT_ONCE]
        if _write(path, some):
            gone += some
        else:
            left = set(_defined(path))
            gone += [name for name in some if name not in left or _write(path, [name])]
    return gone


def _write(path: Path, names: Sequence[str]) -> bool:
    try:
        # Opened to append it would seek, which this file refuses; opened to write it would drop everything.
        with path.open("r+b", buffering=0) as file:
            file.write("".join(f"-:{name}\n" for name in names).encode())
    except OSError:
        return False
    return True
