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

    def cpu_s(self) -> float:
        """CPU time that all its processes have used so far, ended ones too; 0 once it is gone."""
        return self._event("cpu.stat", "usage_usec") / 1e6

    def asleep(self) -> bool:
        """Whether every thread in it waits for something that may never come.

        Not one that computes or would like to, nor one for which the kernel is at work (state D).
        """
        states = [_state(task) for pid in self.pids() for task in _tasks(pid)]
        return bool(states) and all(state == "S" for state in states)

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


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""  # the process has ended


def _tasks(pid: int) -> list[Path]:
    try:
        return list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return []


def _state(task: Path) -> str:
    return _after_name(task)[0]


def _after_name(process: Path) -> list[str]:
    """State, parent and so on of a process or thread; a zombie without parent once it is gone."""
    # The name, in parentheses, may hold spaces.
    return _read(process / "stat").rpartition(")")[2].split() or ["Z", "0"]
