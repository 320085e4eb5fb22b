"""The guest's serial console, as QEMU writes it to a file."""

from __future__ import annotations

import os
from pathlib import Path

READY = "lab: ready"
CANARY = "lab: canary"
PANICS = ("Kernel panic", "lab: no root disk")
LONGEST_READ = 256 * 1024


def text(path: Path) -> str:
    """The newest part of the log; empty when there is none yet."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - LONGEST_READ))
            return file.read().decode(errors="replace").replace("\r", "")
    except FileNotFoundError:
        return ""


def size_bytes(path: Path) -> int:
    """How much was written to the console so far."""
    return path.stat().st_size if path.exists() else 0


def tail(path: Path, lines: int = 8) -> str:
    """The last lines, indented, to stand under an error message."""
    kept = [line for line in text(path).splitlines() if line.strip()][-lines:]
    return "".join(f"\n  {line}" for line in kept)


def panic_in(log: str) -> str | None:
    """The line that says the guest is lost, or None."""
    return next((line.strip() for line in log.splitlines() if any(sign in line for sign in PANICS)), None)
