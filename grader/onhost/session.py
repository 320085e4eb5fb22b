"""The session: one check's hands on the lab host. Orders come as lines of JSON, see docs/design.md.

When standard input ends, or a signal asks, everything of this session is stopped and removed.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import jail, raw_packets, trace_buffer, tracer_means
from .broken import Broken
from .disturbed import Disturbed
from .driver import ROLES, Driver
from .pins import mounted_below, unmount
from .recorder_client import RecorderClient
from .spare_jail import end_ownerless
from .spare_processes import SpareProcesses
from .tracer_means import TracerMeans
from .tracer_orders import Answer, TracerOrders

FOLDERS = Path("/run/lab/sessions")
ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


class Session:
    """Everything one check has on the host. A context manager: leaving it stops and removes all of it."""

    def __init__(self, processes: SpareProcesses) -> None:
        self._folder = FOLDERS / str(os.getpid())
        self._folder.mkdir(parents=True)
        self._out_lock = threading.Lock()
        self._means = TracerMeans(self._folder)
        self._recorder = RecorderClient()
        self._driver = Driver(processes, self._folder)
        tracers = self._tracers = TracerOrders(self._folder, self._means, self._recorder, self.say)
        self._orders: dict[str, Callable[[dict[str, Any]], Answer]] = {
            "hello": self._hello,
            "recorder_on": self._recorder_on,
            "recorder_enclose": self._recorder_enclose,
            "recorder_read": self._recorder_read,
            "recorder_off": self._recorder_off,
            "quiet": self._quiet,
            "start_tracer": tracers.start,
            "start_ahead": tracers.start_ahead,
            "wait_ready": tracers.wait_ready,
            "kernel_facts": tracers.kernel_facts,
            "run_counts": tracers.run_counts,
            "stop_tracer": tracers.stop,
            "left_behind": tracers.left_behind,
            "yardstick": tracers.yardstick,
            "trace_lines": lambda _: {"lines": trace_buffer.printed_by_programs()},
            "exec_caller": self._driver.exec_caller,
            "trace_pipe_noise": self._driver.trace_pipe_noise,
            "park_threads": self._driver.park_threads,
            "unpark_threads": self._driver.unpark_threads,
            "target_calls": self._driver.target_calls,
            "hold_threads": self._driver.hold_threads,
            "release_threads": self._driver.release_threads,
            "raw_packets": lambda request: raw_packets.send(self._means.links.values(), request),
        }

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *exc: object) -> None:
        # What fails, or a signal in the middle, must not keep the rest from going. The last is done first.
        with contextlib.ExitStack() as steps:
            steps.callback(self._tracers.begin_next)
            steps.callback(end_ownerless, FOLDERS)
            steps.callback(shutil.rmtree, self._folder, ignore_errors=True)
            steps.callback(self._stop_recording)
            steps.callback(self._tracers.remove_probes)
            steps.callback(self._means.__exit__)
            steps.callback(self._driver.__exit__)
            steps.callback(self._tracers.close)

    def _stop_recording(self) -> None:
        with contextlib.suppress(RuntimeError):
            self._recorder.off()

    def carry_out(self, request: dict[str, Any]) -> None:
        """One order, answered whatever happens. Meant for a thread of its own."""
        number = request.get("id")
        try:
            order = self._orders[str(request.pop("order", ""))]
            answer = {"id": number, "ok": True, **order(request)}
        except KeyError as error:
            said = f"unknown order or missing parameter: {error}"
            answer = {"id": number, "ok": False, "error": said, "kind": "broken"}
        except Broken as error:
            answer = {"id": number, "ok": False, "error": str(error), "kind": "broken"}
        except Disturbed as error:
            answer = {"id": number, "ok": False, "error": str(error), "disturbed": True}
        except TimeoutError as error:
            answer = {"id": number, "ok": False, "error": f"{error}" or repr(error), "kind": "busy"}
        except Exception as error:  # the lab side must hear of it, whatever it is
            answer = {"id": number, "ok": False, "error": f"{error}" or repr(error)}
        self.say(answer)

    def say(self, message: Answer) -> None:
        """One line to the lab side; nobody may be listening any more."""
        line = json.dumps(message) + "\n"
        with self._out_lock, contextlib.suppress(OSError, ValueError):
            sys.stdout.write(line)
            sys.stdout.flush()

    def _hello(self, _request: dict[str, Any]) -> Answer:
        return {
            "kernel": os.uname().release,
            "cpus": os.cpu_count(),
            "clock_ns": time.monotonic_ns(),
            "notes": jail.notes(jail.systemd_version()),
        }

    def _recorder_on(self, request: dict[str, Any]) -> Answer:
        self._driver.cgroup_path = str(request.pop("cgroup_path", "") or "")
        trace_buffer.clear()
        wish = ("cgroup_id", "cgroup_level", "syscalls", "whole_host", "tasks", "fds", "functions", "binary")
        working = {"id": request["id"], "working": True}
        on = self._recorder.on(
            lambda: self.say(working), **{name: request[name] for name in wish if name in request}
        )
        notes = [on["gate_open"]] if on["gate_open"] else []
        return {"on_ns": time.monotonic_ns(), "notes": notes, "functions": on["functions"]}

    def _recorder_enclose(self, _request: dict[str, Any]) -> Answer:
        self._recorder.enclose()
        return {}

    def _recorder_read(self, _request: dict[str, Any]) -> Answer:
        return {**self._recorder.read_into(self._folder / "recording"), "machine": os.uname().machine}

    def _recorder_off(self, _request: dict[str, Any]) -> Answer:
        self._recorder.off()
        return {}

    def _quiet(self, request: dict[str, Any]) -> Answer:
        """Until nothing moved during `polls` looks in a row, `every_s` apart, or `timeout_s`.

        Neither data in the target nor frames to a tracer's network.
        """
        every_s, began = float(request.get("every_s", 0.1)), time.monotonic()
        last, still = self._moved(), 0
        while still < int(request.get("polls", 3)) and time.monotonic() - began < float(request["timeout_s"]):
            time.sleep(every_s)
            now = self._moved()
            still = still + 1 if now == last else 0
            last = now
        return {"quiet": still >= int(request.get("polls", 3)), "moved": last}

    def _moved(self) -> list[int]:
        return [*self._recorder.moved(), self._means.arrived()]


def remove_stale() -> None:
    """End what sessions left that were killed: their process is gone, their tracers may not be."""
    tracer_means.remove_stale(_alive)
    for folder in FOLDERS.glob("*"):
        if not _alive(folder.name):
            for pins in mounted_below(folder):
                unmount(pins)
            shutil.rmtree(folder, ignore_errors=True)
    end_ownerless(FOLDERS)


def _alive(pid: str) -> bool:
    return Path("/proc", pid).exists()


def _end(_signal: int, _frame: object) -> None:
    # One is enough: another must not cut short what is being removed.
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)
    sys.exit(1)


def main() -> int:
    """Until standard input ends."""
    for number in ENDING:
        signal.signal(number, _end)
    with SpareProcesses(ROLES) as processes:
        remove_stale()
        with Session(processes) as session:
            for line in sys.stdin:
                request = json.loads(line)
                threading.Thread(target=session.carry_out, args=(request,), daemon=True).start()
    # Threads of unfinished orders must not keep the process.
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
