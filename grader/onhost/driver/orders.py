"""The driver: does on the host what must happen there, one order at a time, and never knows why."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from ..contract.driver_orders import (
    CallsMade,
    ExecCaller,
    Held,
    HoldThreads,
    NoiseWritten,
    Parked,
    ParkThreads,
    Released,
    ReleaseThreads,
    Started,
    TargetCalls,
    TracePipeNoise,
    UnparkThreads,
)
from ..contract.order import Nothing
from ..contract.plain_data import from_plain, to_plain
from ..kernel.trace_buffer import write_noise
from . import exec_caller, held_threads, parked_threads, target_calls
from .parked_threads import Parking
from .spare_processes import SpareProcess, SpareProcesses
from .target_cgroup import inside

ROLES = {
    "exec_caller": exec_caller.play,
    "held_threads": held_threads.play,
    "target_calls": target_calls.play,
    "parked_threads": parked_threads.play,
}
CHILD_CGROUP = "lab-driver"
NOISE = "execve by another program"


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

    def exec_caller(self, order: ExecCaller) -> Started:
        """Done when it returns."""
        with self._processes.start("exec_caller", order.params()) as process:
            return from_plain(Started, process.hear(order.timeout_s))

    def trace_pipe_noise(self, order: TracePipeNoise) -> NoiseWritten:
        """Written when it returns."""
        return NoiseWritten(write_noise([f"{NOISE} {number}" for number in range(order.lines)]))

    def target_calls(self, order: TargetCalls) -> CallsMade:
        """Made when it returns, by a process that is gone then."""
        with self._processes.start("target_calls", order.params()) as process:
            process.hear(60)
            # One folder each: orders may overlap.
            with inside(self._target(), process.pid, f"{CHILD_CGROUP}-{process.pid}"):
                _wait_for(lambda: target_calls.waits_for_signal(process.pid), 60)
                process.wake(target_calls.GO)
                time.sleep(0.01)
                _wait_for(lambda: _consumed_and_waits(process.pid), order.timeout_s)
            process.wake(target_calls.OUT)
            return CallsMade(process.hear(60), process.pid)

    def park_threads(self, order: ParkThreads) -> Parked:
        """In epoll_wait when it returns, inside the target's cgroup."""
        if self._parked_process is not None:
            raise ValueError("threads are parked already")
        self._fifo.unlink(missing_ok=True)
        os.mkfifo(self._fifo, 0o600)
        parking = Parking(str(self._fifo), order.threads)
        with ExitStack() as undo:
            process = undo.enter_context(self._processes.start("parked_threads", to_plain(parking)))
            process.hear(60)
            undo.enter_context(inside(self._target(), process.pid))
            process.wake(target_calls.GO)
            _wait_for(lambda: parked_threads.number_parked(process.pid) >= order.threads, 60)
            self._parked_process = process
            self._parked = undo.pop_all()
        return Parked(order.threads, process.pid)

    def unpark_threads(self, _order: UnparkThreads) -> Nothing:
        """Their calls have returned and the process is gone."""
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
        return Nothing()

    def hold_threads(self, order: HoldThreads) -> Held:
        """Held when it returns, until the process has accepted so many connections."""
        if self._holding is not None:
            raise ValueError("threads are held already")
        self._holding = self._processes.start("held_threads", order.params())
        return from_plain(Held, self._holding.hear(60))

    def release_threads(self, _order: ReleaseThreads) -> Released:
        """The connections are there, and nobody is held any more."""
        process, self._holding = self._holding, None
        if process is None:
            raise ValueError("no threads are held")
        with process:
            return from_plain(Released, process.hear(60))

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
