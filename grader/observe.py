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
from grader.observation import KernelFacts, Observation, Recording, Report, TracerRun
from grader.observing.before_traffic import proven_wrong
from grader.observing.jail_kind import jail_kind
from grader.observing.patience import patience
from grader.observing.recording import decode
from grader.observing.running_tracers import AGAIN, RunningTracers, is_attached, report_of, tracer_run
from grader.observing.session import OpenSession, OrderFailed, Session, open_session, recorder_on
from grader.observing.step_clock import StepClock
from grader.observing.traffic_run import send_canaries, send_phases
from grader.onhost.contract.host_orders import Hello, MeasureYardstick, Quiet, TraceLines
from grader.onhost.contract.recorder_orders import RecorderEnclose, RecorderOff, RecorderRead
from grader.onhost.contract.tracer_orders import StartAhead, TracerStopped
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
        session.order(StartAhead(jail_kind(exercise, target)))


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
        self.functions: Mapping[str, int] = {}
        self.traffic_ran = False
        self.ledger: list[LedgerEntry] = []
        self.kernel: Mapping[str, KernelFacts] = {}
        self.stopped: dict[str, TracerStopped] = {}
        self.left_behind: Mapping[str, tuple[str, ...]] = {}
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
            self.can_disturb = bool(self.session.order(Hello()).notes)
            recording = recorder_on(self.session, self.exercise.recorder, self.target)
            self.records = True
            self.can_disturb = self.can_disturb or bool(recording.notes)
            self.functions = recording.functions
            progress(
                "loading the tracer" if len(self.attempts) == 1 else f"loading {len(self.attempts)} tracers"
            )
            with self.clock.step("load"):
                self.tracers.start(self.target, stream, self.jail)
                self.ready = self.tracers.wait_ready(progress)
            self.kernel = self.tracers.kernel_facts(self.ready)
            self.open = [name for name in self.ready if self._is_open(name)]
            if self.exercise.recorder.functions:
                self.session.order(RecorderEnclose())
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
                self.session.order(Quiet(timeout_s=self.limits.quiet_s))
        except OrderFailed as error:
            self._trouble(error)

    def stop(self, progress: Progress) -> None:
        """Kernel facts, SIGINT, drain; then everything the host recorded."""
        progress("stopping the tracer")
        try:
            with self.clock.step("facts"):
                self.kernel = {**self.kernel, **self.tracers.kernel_facts(self.ready)}
            with self.clock.step("stop"):
                self.stopped = self.tracers.stop()
            if any(answer.killed_by_host for answer in self.stopped.values()):
                self.troubles.append(Trouble("the lab host ran out of memory and ended the tracer"))
            if any(answer.run.ended_by == "killed" for answer in self.stopped.values()):
                self._measure_host()
            with self.clock.step("recording"):
                if self.records:
                    self._read_recording()
                self.trace_pipe = self.session.order(TraceLines()).lines
            with self.clock.step("gone"):
                self.left_behind = self.tracers.left_behind()
                self.session.order(RecorderOff())
        except OrderFailed as error:
            self._trouble(error)

    def _is_open(self, name: str) -> bool:
        """Whether only traffic can tell: it is attached, at work, and not proven wrong by the kernel."""
        if name in self.tracers.ended or not is_attached(self.kernel[name]):
            return False
        attempt = self.attempts[self.tracers.names.index(name)]
        so_far = dataclasses.replace(
            self._observation(name, attempt, AT_WORK),
            recordings=(Recording("at READY", (), offsets=self.functions),),
        )
        return not proven_wrong(self.exercise, so_far)

    def observations(self) -> list[Observation]:
        """One for each attempt, in their order."""
        return [
            self._observation(name, attempt, self.stopped.get(name, NEVER_STOPPED))
            for name, attempt in zip(self.tracers.names, self.attempts, strict=True)
        ]

    def _observation(self, name: str, attempt: Attempt, stopped: TracerStopped) -> Observation:
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
        file = self.session.order(RecorderRead())
        try:
            content = self.host.read_file(file.path, RECORDING_LIMIT_BYTES)
            self.recordings = decode(content, file.machine)
        except ValueError as error:
            self.troubles.append(Trouble(str(error)))

    def _measure_host(self) -> None:
        """A tracer did not end in time: its own fault only where the host is not too slow."""
        took_s = self.session.order(MeasureYardstick()).cpu_s
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


NEVER_STOPPED = TracerStopped(TracerRun(ready=False, ended_by="killed", exit_code=None))
"""A tracer of whose end the session told us nothing; a trouble says why."""
AT_WORK = TracerStopped(TracerRun(ready=True, ended_by="sigint", exit_code=None))
"""A tracer that is ready, taken as one that will end in order."""


def _telling(on_report: OnReport | None) -> Callable[[str, str], None]:
    """What takes the lines of the tracers while they run."""

    def take(tracer: str, line: str) -> None:
        if on_report is None or tracer.removesuffix(AGAIN) != "t0" or not line.lstrip().startswith("{"):
            return
        report = parse_document(line.strip().encode())
        if isinstance(report, Report):
            on_report(report.document)

    return take
