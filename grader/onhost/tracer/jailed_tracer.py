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

from ..contract.tracer_facts import TracerRun
from ..contract.tracer_orders import Printed, Readiness, ReadyLimits, TracerStopped
from ..jail.occupied import OccupiedJail
from ..kernel.probe_events import defined_probes
from .ending import until_ended
from .getting_ready import until_ready
from .host_refusal import host_refusal
from .output import TracerOutput
from .python_stack import own_place

LOOK_EVERY_S = 0.5
"""How often the limits of its cgroup are looked at."""

GIVEN_UP = {"waiting": "not_ready", "late": "late"}
"""How `until_ready` came -> what the tracer is then said to have ended by."""
STACK_WITHIN_S = 3.0

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
        self.unit = jail.unit
        self.cgroup = jail.cgroup
        self.program_ids: set[int] = set()
        """Every eBPF program it was seen with."""
        self.probe_suffix = f"_bcc_{skip_pids + 2}"
        """How the names end that BCC gives to the probes it makes through tracefs for this tracer."""
        self._limit = ""
        self._killed_by_host = False
        self._closing = False
        self._given_up = ""
        """Why it was ended before READY: nothing that it said since then counts."""
        self._stuck_at = ""
        self._cpu_s = 0.0
        self._sigint_ns = 0
        self._pid: int | None = None
        self._began = True
        """False once its jail is known to have ended before the tracer could be started."""
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

    def until_ready(self, limits: ReadyLimits, yardstick_cpu_s: Callable[[], float]) -> Readiness:
        """Until READY or its end. One that waits instead, or works too long, is ended there and then."""
        came = until_ready(self, limits, yardstick_cpu_s)
        self._cpu_s = self.cpu_s()
        if came in GIVEN_UP:
            self._give_up(GIVEN_UP[came])
        ended_by = self._given_up
        if not ended_by and self._ended.is_set():
            ended_by = "limit" if self._limit else "exited"
        return Readiness(self._is_ready(), ended_by)

    def wait_ready(self, timeout_s: float) -> bool:
        """Whether it says READY within that time."""
        return self._output.ready.wait(timeout_s)

    def has_ended(self) -> bool:
        """Whether its process has ended."""
        return self._ended.is_set()

    def wait_ended(self, timeout_s: float) -> bool:
        """Whether its process ends within that time."""
        return self._ended.wait(timeout_s)

    def says_it_waits(self) -> bool:
        """Whether it said that it waits to be stopped, without READY."""
        return self._output.waits_unready

    def has_begun(self) -> bool:
        """Whether its own process has been seen."""
        return self._pid is not None

    def cpu_s(self) -> float:
        """CPU time that it has used, with everything it started."""
        return max(0.0, self.cgroup.cpu_s() - self._jail.cpu_before_s)

    def asleep(self) -> bool:
        """Whether all its threads wait."""
        return self.cgroup.asleep()

    def stop(self, grace_s: float) -> TracerStopped:
        """SIGINT, wait, drain. What its run came to; what it printed lies in files beside its folder."""
        self._limit = self._limit or self.cgroup.limit_hit()
        if self._given_up:
            ended_by = self._given_up
        elif self._ended.is_set():
            ended_by = "exited"
        elif not self._is_ready():
            self._give_up("not_ready")
            ended_by = self._given_up
        else:
            ended_by = "sigint" if self._interrupt(grace_s) else "killed"
        # Killed for a limit that was hit after SIGINT too.
        self._limit = self._limit or self.cgroup.limit_hit()
        self._killed_by_host = self._killed_by_host or self.cgroup.killed_by_host()
        exit_code = self._finish(by_force=bool(self._given_up) or ended_by == "killed")
        run = TracerRun(
            ready=self._is_ready(),
            ended_by="limit" if self._limit else ended_by,
            exit_code=exit_code,
            limit=self._limit,
            ready_ns=self._output.ready_ns if self._is_ready() else 0,
            sigint_ns=self._sigint_ns,
            stdout_tail=self._output.stdout_tail(),
            stderr_tail=self._output.stderr_tail(),
            stuck_at=self._stuck_at,
            cpu_s=self._cpu_s,
            refusal=host_refusal(self._began, self._output.stderr_tail()),
        )
        return TracerStopped(
            run,
            killed_by_host=self._killed_by_host,
            output_exceeded=self._output.exceeded,
            documents_before=self._output.documents_before,
            before=self._keep("before", self._output.last_before),
            after=self._keep("after", b"\n".join(self._output.after)),
        )

    def begin_kill(self) -> None:
        """What can be done without waiting; `kill` must follow."""
        self.cgroup.kill()

    def kill(self) -> None:
        """End it and everything it started, now."""
        self._finish(by_force=True)

    def host_pids(self) -> list[int]:
        """Its processes as the host numbers them."""
        return self.cgroup.pids()

    def _is_ready(self) -> bool:
        return self._output.ready.is_set() and not self._given_up

    def _give_up(self, why: str) -> None:
        """End it, and note where it was."""
        self._given_up = why
        if self._pid is not None and not self._ended.is_set():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGUSR1)  # see sitecustomize.py
            self._stuck_at = own_place(self._output.take_stack(STACK_WITHIN_S))
        self.cgroup.kill()

    def _interrupt(self, grace_s: float) -> bool:
        pid = self._jail.tracer_pid()
        self._output.stopping = True
        self._sigint_ns = time.monotonic_ns()
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGINT)
        return until_ended(self, grace_s)

    def _finish(self, by_force: bool) -> int | None:
        self._closing = True
        self._jail.let_go()
        # When it must be killed, the code is that of our own kill, and says nothing about the tracer.
        by_force = by_force or not self._jail.ended_in(10)
        if by_force:
            self._kill_within(30)
        self._ended.set()
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(10)
        for stream in (self._jail.stdout, self._jail.stderr):
            if not any(thread.is_alive() for thread in self._threads):
                stream.close()
        return None if by_force else self._jail.exit_code

    def _kill_within(self, seconds: float) -> None:
        """Again and again: a service that is only being started has no cgroup yet that could be killed."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.cgroup.kill()
            if self._jail.ended_in(0.2):
                return

    def _keep(self, name: str, content: bytes) -> Printed:
        path = self._jail.folder / name
        path.write_bytes(content)
        return Printed(str(path), len(content))

    def _stop_flood(self) -> None:
        self._limit = self._limit or "output"
        self.cgroup.kill()

    def _watch(self) -> None:
        """Notice its end, and limits that were hit, while it runs."""
        self._pid = self._jail.tracer_pid()
        if self._pid is None:
            # Process 1 outlives the tracer until we let it go: this one never came so far.
            self._began = bool(self._given_up or self._limit or self._closing)
            self._ended.set()
            return
        try:
            handle = os.pidfd_open(self._pid)
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
