"""How fast this host is right now, measured by what every tracer begins with."""

from __future__ import annotations

import subprocess
import time

WORK = ("python3", "-c", "from bcc import BPF")
LIMIT_S = 120


def seconds() -> float:
    """What importing BCC in a fresh Python takes: below a second on real CPUs, about two on emulated ones."""
    began = time.monotonic()
    try:
        subprocess.run(WORK, stdin=subprocess.DEVNULL, capture_output=True, check=True, timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        return float(LIMIT_S)
    return time.monotonic() - began
