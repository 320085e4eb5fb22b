"""The cgroup of one tracer's service: its processes, and which limits they ran into."""

from __future__ import annotations

import contextlib
from pathlib import Path

ROOT = Path("/sys/fs/cgroup/system.slice")


class UnitCgroup:
    """Reads nothing but files; a cgroup that is gone has no processes and hit no limit."""

    def __init__(self, unit: str, root: Path = ROOT) -> None:
        self._folder = root / unit

    def pids(self) -> list[int]:
        """Its processes as the host numbers them."""
        try:
            return [int(pid) for pid in (self._folder / "cgroup.procs").read_text().split()]
        except OSError:
            return []

    def exists(self) -> bool:
        """Whether the service manager has not taken it away yet."""
        return self._folder.exists()

    def limit_hit(self) -> str:
        """`memory`, `tasks` or nothing."""
        # `oom` counts its own limit alone; `oom_kill` also what a host without memory kills.
        if self._event("memory.events", "oom") and self._event("memory.events", "oom_kill"):
            return "memory"
        if self._event("pids.events", "max"):
            return "tasks"
        return ""

    def killed_by_host(self) -> bool:
        """Whether the whole host ran out of memory and killed one of its processes."""
        return self._event("memory.events", "oom_kill") > 0 and not self._event("memory.events", "oom")

    def kill(self) -> None:
        """Kill every process in it at once."""
        with contextlib.suppress(OSError):
            (self._folder / "cgroup.kill").write_text("1")

    def _event(self, file: str, key: str) -> int:
        try:
            lines = (self._folder / file).read_text().splitlines()
        except OSError:
            return 0
        return sum(int(line.split()[1]) for line in lines if line.split()[0] == key)
