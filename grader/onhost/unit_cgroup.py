"""The cgroup of one tracer's service: its processes, and which limits they ran into."""

from __future__ import annotations

import contextlib
from pathlib import Path

from .syscall_numbers import numbers

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

    def tracer_pid(self) -> int | None:
        """The tracer's own process: the shell's child that runs tracer.py, None while there is none."""
        for pid in self.pids():
            if _arguments(pid)[-1:] == ["tracer.py"] and _arguments(_parent(pid))[:2] == ["/bin/sh", "-c"]:
                return pid
        return None

    def only_shell_waits(self) -> bool:
        """Whether the shell is all there is, and reads its input: it does so after the tracer's end alone."""
        pids = self.pids()
        if len(pids) != 1 or _arguments(pids[0])[:2] != ["/bin/sh", "-c"]:
            return False
        # "0 0x0 ...": the system call it is in, and that call's arguments; "running" when in none.
        words = _read(Path(f"/proc/{pids[0]}/syscall")).split()
        return words[:2] == [str(numbers()["read"]), "0x0"]

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


def _arguments(pid: int) -> list[str]:
    try:
        raw = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return []
    return raw.decode("utf-8", "replace").split("\0")[:-1]


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""  # the process has ended


def _parent(pid: int) -> int:
    return int(_after_name(Path(f"/proc/{pid}"))[1])


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
