"""The session's tracers, from the order that starts one to the look at what they left behind."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ..contract.host_orders import CpuTime, MeasureYardstick
from ..contract.jail_kind import JailKind
from ..contract.messages import Message, TracerLine
from ..contract.order import Nothing
from ..contract.tracer_orders import (
    AskKernel,
    CountRuns,
    FindLeftBehind,
    InKernel,
    LeftBehind,
    Readiness,
    RunCounts,
    StartAhead,
    StartTracer,
    StopTracer,
    TracerStopped,
    WaitReady,
)
from ..jail import spare
from ..jail.entrance import enter
from ..kernel.facts import facts, run_counts, still_there
from ..kernel.probe_events import defined_probes, remove_probes
from ..recorder.client import RecorderClient
from .jailed_tracer import JailedTracer
from .means import TracerMeans
from .yardstick import Yardstick


class TracerOrders:
    """Carries out the orders about tracers; `close` ends them all.

    Its methods may be called from several threads.
    """

    def __init__(
        self, folder: Path, means: TracerMeans, recorder: RecorderClient, say: Callable[[Message], None]
    ) -> None:
        self._folder = folder
        self._means = means
        self._recorder = recorder
        self._say = say
        self._yardstick = Yardstick()
        self._probes_before = defined_probes()
        self._tracers: dict[str, JailedTracer] = {}
        self._next: JailKind | None = None
        self._starting = threading.Lock()
        self._closing = False

    def close(self) -> None:
        """Kill those that still run; none can be started afterwards."""
        with self._starting:  # a tracer that is just being started is known after it, and none comes later
            self._closing = True
        for tracer in self._tracers.values():
            tracer.begin_kill()
        for tracer in self._tracers.values():
            tracer.kill()

    def begin_next(self) -> None:
        """The last thing a session does: the next attempt need not wait for its jail."""
        if self._next is not None:
            spare.keep_one(self._next)

    def remove_probes(self) -> list[str]:
        """Remove those that were not there before the session; their names.

        None where the session never had a tracer, as one that waits for its run: they are another's.
        """
        if not self._tracers:
            return []
        # Tracers that ended in order left none, so this waits for nothing.
        return remove_probes(self._probes_before, wait_s=3)

    def start(self, order: StartTracer) -> Nothing:
        """In its jail; returns at once."""
        name = order.tracer
        if name in self._tracers:
            raise ValueError(f"tracer {name} runs already")
        for path in order.files:
            if Path(path).is_absolute() or ".." in Path(path).parts:
                raise ValueError(f"a file outside the attempt: {path}")
        with self._starting:
            if self._closing:
                raise RuntimeError("the session is ending")
            number = len(self._tracers)
            means = self._means.make(name, order.kind.needs)
            jail = enter(
                self._folder, order.kind, order.files, order.environment, skip_pids=number, means=means
            )
            on_line = self._line_event(name) if order.stream else lambda _line: None
            self._tracers[name] = JailedTracer(jail, skip_pids=number, on_line=on_line)
        return Nothing()

    def start_ahead(self, order: StartAhead) -> Nothing:
        """When this session has ended."""
        self._next = order.kind
        return Nothing()

    def wait_ready(self, order: WaitReady) -> Readiness:
        """Until READY, its end, or until it is given up."""
        return self._named(order.tracer).until_ready(order.limits, self._yardstick.cpu_s)

    def kernel_facts(self, order: AskKernel) -> InKernel:
        """What the kernel says now."""
        chosen = self._chosen(order.tracers)
        found = facts(
            {name: tracer.host_pids() for name, tracer in chosen.items()},
            {name: self._means.objects(name) for name in chosen},
        )
        for name, tracer in chosen.items():
            tracer.program_ids.update(program.id for program in found[name].programs)
        return InKernel(found, ended(chosen))

    def run_counts(self, order: CountRuns) -> RunCounts:
        """How often they ran so far."""
        chosen = self._chosen(order.tracers)
        pids = {name: tuple(tracer.host_pids()) for name, tracer in chosen.items()}
        known = {name: tracer.program_ids for name, tracer in chosen.items()}
        return RunCounts(run_counts(pids, known), pids, ended(chosen))

    def yardstick(self, _order: MeasureYardstick) -> CpuTime:
        """What compiling and attaching a tracer of ours takes now."""
        return CpuTime(Yardstick().cpu_s())

    def stop(self, order: StopTracer) -> TracerStopped:
        """How it went, with what the gate refused it."""
        tracer = self._named(order.tracer)
        stopped = tracer.stop(order.grace_s)
        return replace(stopped, refused=self._recorder.refused(tracer.unit))

    def left_behind(self, _order: FindLeftBehind) -> LeftBehind:
        """After all have ended; probes are removed."""
        probes = self.remove_probes()
        kept = {name: self._means.left(name) for name in self._tracers}
        # What is still attached or pinned keeps its programs: they need not be waited for.
        gone = [tracer for name, tracer in self._tracers.items() if not kept[name]]
        left = set(still_there({number for tracer in gone for number in tracer.program_ids}))
        return LeftBehind(
            {
                name: (
                    *kept[name],
                    *(f"program {number}" for number in sorted(tracer.program_ids & left)),
                    *(f"probe {probe}" for probe in probes if self._is_of(tracer, probe)),
                )
                for name, tracer in self._tracers.items()
            }
        )

    def _chosen(self, names: Sequence[str]) -> dict[str, JailedTracer]:
        return {name: self._named(name) for name in names}

    def _named(self, name: str) -> JailedTracer:
        if name not in self._tracers:
            raise ValueError(f"there is no tracer {name}")
        return self._tracers[name]

    def _is_of(self, tracer: JailedTracer, probe: str) -> bool:
        """Whether this tracer defined the probe. Only BCC's own names tell tracers apart that share a run."""
        return probe.endswith(tracer.probe_suffix) or len(self._tracers) == 1

    def _line_event(self, name: str) -> Callable[[bytes], None]:
        def tell(line: bytes) -> None:
            self._say(TracerLine(name, line.decode("utf-8", "replace")))

        return tell


def ended(tracers: Mapping[str, JailedTracer]) -> tuple[str, ...]:
    """Which of these have ended by themselves."""
    return tuple(name for name, tracer in tracers.items() if tracer.has_ended())
