"""What the kernel counts for each eBPF program while `kernel.bpf_stats_enabled` is set."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from .libbpf import Program


def run_times(programs: Iterable[Program]) -> dict[str, tuple[int, int]]:
    """Name -> (nanoseconds in it, how often it ran), since it was loaded. Raises OSError."""
    found = {}
    for program in programs:
        if program.fd >= 0:
            text = Path(f"/proc/self/fdinfo/{program.fd}").read_text(encoding="utf-8")
            told = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
            found[program.name] = (int(told.get("run_time_ns", 0)), int(told.get("run_cnt", 0)))
    return found
