"""Whether the lab host itself kept a tracer from running. What a tracer prints alone proves nothing."""

from __future__ import annotations

import os
import re
from pathlib import Path

MODULES = Path("/lib/modules")
TRACING = Path("/sys/kernel/tracing")

NO_HEADERS = re.compile(r"chdir\(/lib/modules/[^)]*\): No such file")
NO_PROBES = re.compile(r"create_probe_event: open\(")
"""A wrong function fails later, when the probe is written."""


def host_refusal(began: bool, stderr: str, modules: Path = MODULES, tracing: Path = TRACING) -> str:
    """The line of standard error with which the host refused, where the host confirms it; else nothing.

    `began`: whether the tracer's own process came so far as to run.
    """
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    if not began:
        return lines[-1] if lines else "its jail could not be started"
    if not (modules / os.uname().release).is_dir():
        return _first(NO_HEADERS, lines)
    if not os.access(tracing / "kprobe_events", os.W_OK):
        return _first(NO_PROBES, lines)
    return ""


def _first(pattern: re.Pattern[str], lines: list[str]) -> str:
    return next((line for line in lines if pattern.search(line)), "")
