"""The driver: does on the host what must happen there, one order at a time, and never knows why."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from ..kernel.trace_buffer import write_noise
from . import exec_caller, held_threads, parked_threads, target_calls
from .spare_processes import SpareProcess, SpareProcesses
from .target_cgroup import inside

ROLES = {
    "exec_caller": exec_caller.play,
    "held_threads": held_threads.play,
    "target_calls": target_calls.play,
    "parked_threads": parked_threads.play,
}
CHILD_CGROUP = "lab-driver"


class Driver:
    """A context manager: leaving it ends every process it started. Orders may overlap."""

    def __init__(self, processes: SpareProcesses, folder: Path) -> None:
        self.cgroup_path = ""
        """The target's, once it is known."""
        self._processes = processes
        self._folder = folder
        self._parked = ExitStack()
        self._parked_process: SpareProcess | None = None
        self._fifo = folder / "fifo"
        self._holding: SpareProcess | None = None

    def __enter__(self) -> Driver:
        return self

    def __exit__(self, *exc: object) -> None:
        self._parked.close()

    def exec_caller(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """{caller, execs, fail_execs, forks} -> the same numbers, done."""
        with self._processes.start("exec_caller", params) as process:
            return process.hear(_patience(params))

    def trace_pipe_noise(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """{lines: a number, or the lines, text: what each says} -> {lines: how many}."""
        lines = params["lines"]
        if isinstance(lines, int):
            text = str(params.get("text") or "execve by another program")
            lines = [f"{text} {number}" for number in range(lines)]
        return {"lines": write_noise(lines)}

    def target_calls(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """{calls: name -> number, comm} -> {calls: the same, made in a child cgroup of the target, pid}."""
        calls = params["calls"]
        if isinstance(calls, int):
            calls = dict.fromkeys(params["syscalls"], calls)
        with self._processes.start("target_calls", {**params, "calls": calls}) as process:
            process.hear(60)
            path = str(params.get("cgroup_path") or self._target())
            # One folder each: orders may overlap.
            with inside(path, process.pid, f"{CHILD_CGROUP}-{process.pid}"):
                _wait_for(lambda: target_calls.waits_for_signal(process.pid), 60)
                process.wake(target_calls.GO)
                time.sleep(0.01)
                _wait_for(lambda: _consumed_and_waits(process.pid), _patience(params))
            process.wake(target_calls.OUT)
            return {"calls": process.hear(60), "pid": process.pid}

    def park_threads(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """{threads, comm} -> {threads, pid}: they are in epoll_wait now, inside the target's cgroup."""
        if self._parked_process is not None:
            raise ValueError("threads are parked already")
        number = int(params["threads"])
        self._fifo.unlink(missing_ok=True)
        os.mkfifo(self._fifo, 0o600)
        with ExitStack() as undo:
            process = undo.enter_context(
                self._processes.start("parked_threads", {**params, "fifo": str(self._fifo)})
            )
            process.hear(60)
            undo.enter_context(inside(str(params.get("cgroup_path") or self._target()), process.pid))
            process.wake(target_calls.GO)
            _wait_for(lambda: parked_threads.number_parked(process.pid) >= number, 60)
            self._parked_process = process
            self._parked = undo.pop_all()
        return {"threads": number, "pid": process.pid}

    def unpark_threads(self, _params: Mapping[str, Any]) -> dict[str, Any]:
        """{} -> {}: their calls have returned and the process is gone."""
        process = self._parked_process
        if process is None:
            raise ValueError("no threads are parked")
        pipe = os.open(self._fifo, os.O_WRONLY)
        try:
            os.write(pipe, b".")
            tasks = Path(f"/proc/{process.pid}/task")
            _wait_for(lambda: len(list(tasks.iterdir())) == 1, 60)
        finally:
            os.close(pipe)
            self._parked_process = None
            self._parked.close()
        return {}

    def hold_threads(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """{pid, connections} -> {threads}: held until the process has accepted so many connections."""
        if self._holding is not None:
            raise ValueError("threads are held already")
        self._holding = self._processes.start("held_threads", params)
        return self._holding.hear(60)

    def release_threads(self, _params: Mapping[str, Any]) -> dict[str, Any]:
        """{} -> {accepted}: the connections are there, and nobody is held any more."""
        process, self._holding = self._holding, None
        if process is None:
            raise ValueError("no threads are held")
        with process:
            return process.hear(60)

    def _target(self) -> str:
        if not self.cgroup_path:
            raise ValueError("this run has no target")
        return self.cgroup_path


def _consumed_and_waits(pid: int) -> bool:
    """Whether the first signal was taken and the process waits for the second."""
    status = Path(f"/proc/{pid}/status").read_text()
    pending = next(line.split()[1] for line in status.splitlines() if line.startswith("ShdPnd"))
    taken = not int(pending, 16) & 1 << (signal.SIGUSR1 - 1)
    return taken and target_calls.waits_for_signal(pid)


def _wait_for(condition: Callable[[], bool], timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the driver's process did not get there in time")
        time.sleep(0.01)


def _patience(params: Mapping[str, Any]) -> float:
    return float(params.get("timeout_s") or 120.0)
