"""CPU time that a service has used, all of its processes together."""

from __future__ import annotations

from pathlib import Path

from ..kernel.unit_cgroup import ROOT


def used_s(unit: str = "lab-recorder.service", units: Path = ROOT) -> float:
    """In seconds since it was started; 0 where it does not run."""
    try:
        lines = (units / unit / "cpu.stat").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0.0
    counts = dict(line.split() for line in lines)
    return int(counts["usage_usec"]) / 1e6
