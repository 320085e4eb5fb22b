"""One tracer in its jail, from its start to its end."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

from .occupied_jail import OccupiedJail
from .probe_events import defined_probes
from .tracer_output import TracerOutput

LOOK_EVERY_S = 0.5
"""How often the limits of its cgroup are looked at."""

MOST_PROBES = 256
"""Defined in tracefs at the same time: each takes memory that belongs to no cgroup."""


class JailedTracer:
    """Made when it is in its jail; `stop` or `kill` must follow. Safe from several threads."""

    def __init__(
        self,
        jail: OccupiedJail,
        *,
        skip_pids: int = 0,
        on_line: Callable[[bytes], None] = lambda _line: None,
    ) -> None:
        self.started_ns = time.monotonic_ns()
        self.unit = jail.unit
        self.cgroup = jail.cgroup
        self.program_ids: set[int] = set()
        """Every eBPF program it was seen with."""
        self.probe_suffix = f"_bcc_{skip_pids + 2}"
        """How the names end that BCC gives to the probes it makes through tracefs for this tracer."""
        self._limit = ""
        self._killed_by_host = False
        self._sigint_ns = 0
        self._ended = threading.Event()
        self._output = TracerOutput(on_line, self._stop_flood)
        self._jail = jail
        work: tuple[tuple[Callable[..., None], tuple[Any, ...]], ...] = (
            (self._output.read_stdout, (jail.stdout,)),
            (self._output.read_stderr, (jail.stderr,)),
            (self._watch, ()),
        )
        self._threads = [threading.Thread(target=do, args=args, daemon=True) for do, args in work]
        for thread in self._threads:
            thread.start()

    def wait_ready(self, timeout_s: float) -> dict[str, Any]:
        """Until READY, its end, or `timeout_s`: a tracer that was not ready in time is killed."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline and not self._output.ready.wait(0.05):
            if self._ended.is_set():
                self._output.ready.wait(0.2)  # its last words may still be in the pipe
                break
        ready = self._output.ready.is_set()
        ended_by = ""
        if self._ended.is_set():
            ended_by = "limit" if self._limit else "exited"
        elif not ready:
            ended_by = "not_ready"
        seconds = (time.monotonic_ns() - self.started_ns) / 1e9
        return {"ready": ready, "ended_by": ended_by, "seconds": seconds, "ready_ns": self._output.ready_ns}

    def stop(self, grace_s: float) -> dict[str, Any]:
        """SIGINT, wait, drain. What its run came to; what it printed lies in files beside its folder."""
        self._limit = self._limit or self.cgroup.limit_hit()
        if self._ended.is_set():
            ended_by = "exited"
        elif not self._output.ready.is_set():
            ended_by = "not_ready"
        else:
            ended_by = "sigint" if self._interrupt(grace_s) else "killed"
        # Killed for a limit that was hit after SIGINT too.
        self._limit = self._limit or self.cgroup.limit_hit()
        self._killed_by_host = self._killed_by_host or self.cgroup.killed_by_host()
        exit_code = self._finish(by_force=ended_by in ("killed", "not_ready"))
        return {
            "ready": self._output.ready.is_set(),
            "ended_by": "limit" if self._limit else ended_by,
            "limit": self._limit,
            "killed_by_host": self._killed_by_host,
            "exit_code": exit_code,
            "ready_ns": self._output.ready_ns,
            "sigint_ns": self._sigint_ns,
            "stdout_tail": self._output.stdout_tail(),
            "stderr_tail": self._output.stderr_tail(),
            "documents_before": self._output.documents_before,
            "output_exceeded": self._output.exceeded,
            **self._keep_report(),
        }

    def begin_kill(self) -> None:
        """What can be done without waiting; `kill` must follow."""
        self.cgroup.kill()

    def kill(self) -> None:
        """End it and everything it started, now."""
        self._finish(by_force=True)

    def host_pids(self) -> list[int]:
        """Its processes as the host numbers them."""
        return self.cgroup.pids()

    def _interrupt(self, grace_s: float) -> bool:
        pid = self._jail.tracer_pid()
        self._output.stopping = True
        self._sigint_ns = time.monotonic_ns()
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGINT)
        return self._ended.wait(grace_s)

    def _finish(self, by_force: bool) -> int | None:
        self._jail.let_go()
        # When it must be killed, the code is that of our own kill, and says nothing about the tracer.
        by_force = by_force or not self._jail.ended_in(10)
        if by_force:
            self._kill_within(30)
        self._ended.set()
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(10)
        return None if by_force else self._jail.exit_code

    def _kill_within(self, seconds: float) -> None:
        """Again and again: a service that is only being started has no cgroup yet that could be killed."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.cgroup.kill()
            if self._jail.ended_in(0.2):
                return

    def _keep_report(self) -> dict[str, Any]:
        kept: dict[str, Any] = {}
        contents = {"after": b"\n".join(self._output.after), "before": self._output.last_before}
        for name, content in contents.items():
            path = self._jail.folder / name
            path.write_bytes(content)
            kept[f"{name}_path"], kept[f"{name}_bytes"] = str(path), len(content)
        return kept

    def _stop_flood(self) -> None:
        self._limit = self._limit or "output"
        self.cgroup.kill()

    def _watch(self) -> None:
        """Notice its end, and limits that were hit, while it runs."""
        pid = self._jail.tracer_pid()
        try:
            if pid is None:
                raise ProcessLookupError
            handle = os.pidfd_open(pid)
        except ProcessLookupError:
            self._ended.set()
            return
        poll = select.poll()
        poll.register(handle, select.POLLIN)
        try:
            while not poll.poll(LOOK_EVERY_S * 1000):
                self._limit = self._limit or self.cgroup.limit_hit()
                if not self._limit and len(defined_probes()) > MOST_PROBES:
                    self._limit = "probes"
                if self._limit:
                    self.cgroup.kill()
            self._limit = self._limit or self.cgroup.limit_hit()
            self._killed_by_host = self.cgroup.killed_by_host()
        finally:
            os.close(handle)
            self._ended.set()
