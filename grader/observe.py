"""One traffic run, seen through one tracer or several at once."""

from __future__ import annotations

import contextlib
import dataclasses
import random
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from grader.attempt import Attempt
from grader.exercise import Exercise
from grader.host import Host
from grader.observation import KernelFacts, Observation, Recording, Report
from grader.observing.before_traffic import proven_wrong
from grader.observing.jail_kind import jail_kind
from grader.observing.patience import patience
from grader.observing.recording import decode
from grader.observing.running_tracers import AGAIN, RunningTracers, is_attached, report_of, tracer_run
from grader.observing.session import OpenSession, OrderFailed, Session, open_session, recorder_on
from grader.observing.step_clock import StepClock
from grader.observing.traffic_run import send_canaries, send_phases
from grader.report.parse import parse_document
from grader.target import Target
from grader.traffic import LedgerEntry, TrafficPlan, Workload
from grader.trouble import Kind, Trouble

TRACERS_AT_ONCE = 10
RECORDING_LIMIT_BYTES = 256 * 1024 * 1024

Progress = Callable[[str], None]
OnReport = Callable[[Mapping[str, Any]], None]


def observe(
    exercise: Exercise,
    attempts: Sequence[Attempt],
    host: Host,
    target: Target | None,
    workload: Workload,
    seed: int,
    progress: Progress,
    on_report: OnReport | None = None,
    opened: OpenSession | None = None,
) -> list[Observation]:
    """Send the traffic of `seed` once, past all `attempts` (at most 10); say what was seen through each.

    `on_report` is told every document that the first tracer prints, while it runs. `opened` gives the run its
    session; without it a new one is opened. What goes wrong on our side stands in the observations'
    `troubles`. Host loss and KeyboardInterrupt pass, after everything was stopped.
    """
    if not 1 <= len(attempts) <= TRACERS_AT_ONCE:
        raise ValueError(f"between 1 and {TRACERS_AT_ONCE} attempts share a run")
    plan = exercise.plan(random.Random(seed), host.facts.cpus)
    with (opened or partial(open_session, host))(_telling(on_report)) as session:
        run = _Run(exercise, attempts, host, target, seed, session)
        run.watch(on_report is not None, progress)
        if run.open:
            run.send(plan, workload, progress)
        run.stop(progress)
        start_ahead(session, exercise, target)
        return run.observations()


def start_ahead(session: Session, exercise: Exercise, target: Target | None) -> None:
    """Have the next attempt's jail started; it need not be, so a host that cannot is no trouble."""
    with contextlib.suppress(OrderFailed):
        session.order("start_ahead", timeout_s=60, **jail_kind(exercise, target))


class _Run:
    """What is known so far of one run. A step that fails on our side becomes a trouble, and on it goes."""

    def __init__(
        self,
        exercise: Exercise,
        attempts: Sequence[Attempt],
        host: Host,
        target: Target | None,
        seed: int,
        session: Session,
    ) -> None:
        self.exercise, self.attempts, self.host, self.target = exercise, attempts, host, target
        self.seed, self.session = seed, session
        self.limits = patience(host.facts.accel)
        self.tracers = RunningTracers(session, attempts, self.limits)
        self.jail = jail_kind(exercise, target)
        self.clock = StepClock()
        self.open: list[str] = []
        """Tracers of which only traffic can tell whether they are right."""
        self.ready: list[str] = []
        self.functions: dict[str, int] = {}
        self.traffic_ran = False
        self.ledger: list[LedgerEntry] = []
        self.kernel: dict[str, KernelFacts] = {}
        self.stopped: dict[str, dict[str, Any]] = {}
        self.left_behind: dict[str, tuple[str, ...]] = {}
        self.recordings: tuple[Recording, ...] = ()
        self.trace_pipe = ""
        self.troubles: list[Trouble] = []
        self.interference = ""
        self.records = False
        self.can_disturb = False

    def watch(self, stream: bool, progress: Progress) -> None:
        """Recorder on, tracers started and READY, their programs known."""
        try:
            # Our processes cannot be reached from the jail unless the host's systemd or kernel is too old.
            self.can_disturb = bool(self.session.order("hello", timeout_s=60)["notes"])
            recording = recorder_on(self.session, self.exercise.recorder, self.target)
            self.records = True
            self.can_disturb = self.can_disturb or bool(recording.get("notes"))
            self.functions = dict(recording.get("functions") or {})
            progress(
                "loading the tracer" if len(self.attempts) == 1 else f"loading {len(self.attempts)} tracers"
            )
            with self.clock.step("load"):
                self.tracers.start(self.target, stream, self.jail)
                self.ready = self.tracers.wait_ready(progress)
            self.kernel = self.tracers.kernel_facts(self.ready)
            self.open = [name for name in self.ready if self._is_open(name)]
            if self.exercise.recorder.functions:
                self.session.order("recorder_enclose", timeout_s=60)
        except OrderFailed as error:
            self._trouble(error)

    def send(self, plan: TrafficPlan, workload: Workload, progress: Progress) -> None:
        """Canaries until the tracers are seen to work, the traffic to its end, then quiet.

        No traffic, where 20 canaries made no program run, or every tracer has ended.
        """
        phases = len(plan.phases)
        try:
            with self.clock.step("drive"), workload.drive(self.host, self.target, self.session) as drive:
                with self.clock.step("canary"):
                    runs = partial(self.tracers.runs, self.open)
                    if not send_canaries(drive, plan.canary, runs, lambda: self.tracers.ended, self.ledger):
                        return
                self.traffic_ran = True
                progress(f"sending the traffic ({phases} phases)")
                with self.clock.step("traffic"):
                    send_phases(
                        drive, plan, self.ledger, lambda done: progress(f"phase {done} of {phases} sent")
                    )
            with self.clock.step("quiet"):
                self.session.order("quiet", timeout_s=self.limits.quiet_s)
        except OrderFailed as error:
            self._trouble(error)

    def stop(self, progress: Progress) -> None:
        """Kernel facts, SIGINT, drain; then everything the host recorded."""
        progress("stopping the tracer")
        try:
            with self.clock.step("facts"):
                self.kernel |= self.tracers.kernel_facts(self.ready)
            with self.clock.step("stop"):
                self.stopped = self.tracers.stop()
            if any(answer.get("killed_by_host") for answer in self.stopped.values()):
                self.troubles.append(Trouble("the lab host ran out of memory and ended the tracer"))
            if any(answer["ended_by"] == "killed" for answer in self.stopped.values()):
                self._measure_host()
            with self.clock.step("recording"):
                if self.records:
                    self._read_recording()
                self.trace_pipe = self.session.order("trace_lines", timeout_s=60)["lines"]
            with self.clock.step("gone"):
                self.left_behind = self.tracers.left_behind()
                self.session.order("recorder_off", timeout_s=60)
        except OrderFailed as error:
            self._trouble(error)

    def _is_open(self, name: str) -> bool:
        """Whether only traffic can tell: it is attached, at work, and not proven wrong by the kernel."""
        if name in self.tracers.ended or not is_attached(self.kernel[name]):
            return False
        attempt = self.attempts[self.tracers.names.index(name)]
        at_work = {**NEVER_STOPPED, "ready": True, "ended_by": "sigint"}
        so_far = dataclasses.replace(
            self._observation(name, attempt, at_work),
            recordings=(Recording("at READY", (), offsets=self.functions),),
        )
        return not proven_wrong(self.exercise, so_far)

    def observations(self) -> list[Observation]:
        """One for each attempt, in their order."""
        return [
            self._observation(name, attempt, self.stopped.get(name, NEVER_STOPPED))
            for name, attempt in zip(self.tracers.names, self.attempts, strict=True)
        ]

    def _observation(self, name: str, attempt: Attempt, stopped: Mapping[str, Any]) -> Observation:
        kernel = self.kernel.get(name, KernelFacts())
        return Observation(
            exercise=self.exercise.slug,
            seed=self.seed,
            attempt=attempt.digest,
            host=self.host.facts,
            target=self.target,
            traffic_ran=self.traffic_ran,
            ledger=tuple(self.ledger),
            recordings=self.recordings,
            tracer=tracer_run(stopped, self.trace_pipe, self.interference),
            report=report_of(stopped, self.host),
            kernel=dataclasses.replace(kernel, left_behind=self.left_behind.get(name, ())),
            timings=dict(self.clock.seconds),
            sources=attempt.texts(),
            troubles=tuple(self.troubles),
        )

    def _read_recording(self) -> None:
        answer = self.session.order("recorder_read", timeout_s=120)
        try:
            self.recordings = decode(
                self.host.read_file(answer["path"], RECORDING_LIMIT_BYTES), answer["machine"]
            )
        except ValueError as error:
            self.troubles.append(Trouble(str(error)))

    def _measure_host(self) -> None:
        """A tracer did not end in time: its own fault only where the host is not too slow."""
        took_s = self.session.order("yardstick", timeout_s=600)["cpu_s"]
        if took_s > self.limits.yardstick_cpu_s:
            said = (
                f"loading a tracer of the lab's took {took_s:.0f} s of CPU time"
                f" (up to {self.limits.yardstick_cpu_s:.0f} s is usual)"
            )
            self.troubles.append(Trouble(said, Kind.BUSY))

    def _trouble(self, error: OrderFailed) -> None:
        """Ours, unless one of our processes was ended and one tracer alone could have done it."""
        if error.disturbed and self.can_disturb and len(self.attempts) == 1:
            self.interference = str(error)
        elif error.trouble not in self.troubles:
            # A session that ended fails every later order with the same words.
            self.troubles.append(error.trouble)


NEVER_STOPPED: Mapping[str, Any] = {
    "ready": False,
    "ended_by": "killed",
    "exit_code": None,
    "limit": "",
    "ready_ns": 0,
    "sigint_ns": 0,
    "stdout_tail": "",
    "stderr_tail": "",
    "documents_before": 0,
    "output_exceeded": False,
    "after_bytes": 0,
    "before_bytes": 0,
}
"""A tracer of whose end the session told us nothing; a trouble says why."""


def _telling(on_report: OnReport | None) -> Callable[[str, str], None]:
    """What takes the lines of the tracers while they run."""

    def take(tracer: str, line: str) -> None:
        if on_report is None or tracer.removesuffix(AGAIN) != "t0" or not line.lstrip().startswith("{"):
            return
        report = parse_document(line.strip().encode())
        if isinstance(report, Report):
            on_report(report.document)

    return take
