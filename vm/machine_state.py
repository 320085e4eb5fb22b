"""What is written down about a machine: which process it is, who uses it, and what happened to it."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from vm.errors import HostInUse
from vm.qemu.process import Identity

STATE, LOG, USE_LOCK, HOLDER = "running.json", "log.jsonl", "use.lock", "use.json"


@dataclass(frozen=True)
class Running:
    """A machine that was started and answered."""

    name: str
    pid: int
    started_at: float
    """Of the QEMU process, seconds since the epoch."""
    accel: str
    cpus: int
    memory_mib: int
    image: str
    """Digest."""
    kernel: str
    """`uname -r` of the guest."""
    template: str
    """Key of the template below its disk; empty: booted from cold."""
    prepared: str
    """Digest of what was prepared in it."""

    @property
    def process(self) -> Identity:
        return Identity(self.pid, self.started_at, f"ebpf-lab-{self.name}")


def save_running(folder: Path, running: Running) -> None:
    """Replace what is written down, in one step."""
    temporary = folder / f"{STATE}.new"
    temporary.write_text(json.dumps(dataclasses.asdict(running)) + "\n")
    temporary.replace(folder / STATE)


def load_running(folder: Path) -> Running | None:
    """What was written down, or None; says nothing about whether it still runs."""
    try:
        return Running(**json.loads((folder / STATE).read_text()))
    except (OSError, ValueError, TypeError):
        return None


class Changes:
    """Collects the seconds of each phase of one change, then appends it to the log as one JSON line."""

    def __init__(self, folder: Path, change: str) -> None:
        self._path = folder / LOG
        self._began = self._last = time.monotonic()
        self._entry: dict[str, object] = {"at": time.strftime("%Y-%m-%dT%H:%M:%S%z"), "change": change}
        self.seconds: dict[str, float] = {}
        self.stages: dict[str, float] = {}

    @contextlib.contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """A part of a phase that may run beside others; its seconds, also when it fails."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.stages[name] = round(time.monotonic() - began, 3)

    def phase(self, name: str) -> None:
        """What was done since the last phase is called `name`."""
        now = time.monotonic()
        self.seconds[name] = round(self.seconds.get(name, 0.0) + now - self._last, 3)
        self._last = now

    def write(self, path_taken: str, accel: str = "", why: str = "") -> None:
        """Append the line. `path_taken`: running, restored, cold, stopped, failed, interrupted."""
        total = round(time.monotonic() - self._began, 3)
        entry = {
            **self._entry,
            "path": path_taken,
            "accel": accel,
            "seconds": {**self.seconds, "total": total},
        }
        if self.stages:
            entry["stages"] = self.stages
        if why:
            entry["why"] = why
        with self._path.open("a") as file:
            file.write(json.dumps(entry) + "\n")


@contextlib.contextmanager
def in_use(folder: Path, verb: str) -> Iterator[None]:
    """While one command uses the machine. Raises HostInUse that names the other one when it is taken.

    Leaves nothing behind however the process ends: the kernel lets go of the lock.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / USE_LOCK)
    try:
        lock.acquire(blocking=False)
    except TimeoutError:
        raise HostInUse(f"the lab host is in use by {holder(folder)}", how_to_end(folder)) from None
    try:
        (folder / HOLDER).write_text(json.dumps({"verb": verb, "pid": os.getpid()}))
        yield
    finally:
        lock.release()


def how_to_end(folder: Path) -> str:
    """The command that shows the holder, and the one that ends it as Ctrl-C would."""
    try:
        pid = int(json.loads((folder / HOLDER).read_text())["pid"])
        return f"ps -fp {pid}   # wait until it has ended, or end it: kill -INT {pid}"
    except (OSError, ValueError, KeyError, TypeError):
        return "lab status"


def holder(folder: Path) -> str:
    """`lab check (process 1234)`, for a message."""
    try:
        known = json.loads((folder / HOLDER).read_text())
        return f"lab {known['verb']} (process {known['pid']})"
    except (OSError, ValueError, KeyError, TypeError):
        return "another lab command"
