"""Return probes that BCC defined in tracefs and a tracer that was killed did not take away again."""

from __future__ import annotations

import contextlib
from pathlib import Path

PATH = Path("/sys/kernel/tracing/kprobe_events")


def remove_probes(path: Path = PATH) -> list[str]:
    """Remove those that BCC named and nobody uses; their names (`group/name`)."""
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return []
    names = [line.split()[0].partition(":")[2] for line in lines if "_bcc_" in line.split()[0]]
    removed = []
    for name in names:
        # One that is in use is refused: another tracer still runs.
        with contextlib.suppress(OSError), path.open("a") as file:
            file.write(f"-:{name}\n")
            file.flush()
            removed.append(name)
    return removed
