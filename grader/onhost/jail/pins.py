"""Pins: for one tracer a file system of the kernel's own, in which eBPF objects get names.

Each tracer has another one, mounted where everybody expects it; the host's own is not visible in the jail.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..kernel.bpf_syscall import open_pin
from .options import PINS, Means


@dataclass(frozen=True)
class Pin:
    """One name and what it stands for; an id is 0 where the object has none."""

    path: str
    """As the tracer sees it."""
    program_id: int
    map_id: int


class Pins:
    """Made before the tracer; `remove` must follow."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700)
        subprocess.run(["mount", "-t", "bpf", "-o", "mode=0700", "lab-pins", str(folder)], check=True)
        # Some kernels put iterators of their own into every new one.
        self._kernels = {pin.path for pin in self._all()}

    def means(self) -> Means:
        """For the jail: writable, at its usual place."""
        return Means(
            properties={"BindPaths": f"{self._folder}:{PINS}"},
            environment={"LAB_PINS": PINS},
        )

    def listed(self) -> list[Pin]:
        """Everything that the tracer has pinned."""
        return [pin for pin in self._all() if pin.path not in self._kernels]

    def _all(self) -> list[Pin]:
        found = []
        for folder, _, names in os.walk(self._folder):
            for name in sorted(names):
                path = Path(folder, name)
                if path.is_symlink():
                    continue
                shown = _shown(path)
                inside = path.relative_to(self._folder)
                found.append(Pin(f"{PINS}/{inside}", shown.get("prog_id", 0), shown.get("map_id", 0)))
        return found

    def remove(self) -> None:
        """Unpin all."""
        unmount(self._folder)


def unmount(folder: Path) -> None:
    """Harmless when nothing is mounted there."""
    subprocess.run(["umount", "-l", str(folder)], capture_output=True, check=False)


def mounted_below(folder: Path) -> Iterator[Path]:
    """Where file systems of this kind are mounted below a folder."""
    for line in Path("/proc/mounts").read_text().splitlines():
        _, where, kind = line.split()[:3]
        if kind == "bpf" and folder in Path(where).parents:
            yield Path(where)


def _shown(path: Path) -> dict[str, int]:
    """The numbers in the object's fdinfo."""
    with contextlib.suppress(OSError):
        handle = open_pin(str(path))
        try:
            text = Path(f"/proc/self/fdinfo/{handle}").read_text()
        finally:
            os.close(handle)
        pairs = (line.split(":", 1) for line in text.splitlines() if ":" in line)
        return {key: int(value) for key, value in pairs if value.strip().isdecimal()}
    return {}
