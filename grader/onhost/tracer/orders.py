"""The session's tracers, from the order that starts one to the look at what they left behind."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..jail import spare
from ..jail.entrance import enter
from ..jail.options import JailKind
from ..kernel.facts import facts, run_counts, still_there
from ..kernel.probe_events import defined_probes, remove_probes
from ..recorder.client import RecorderClient
from .getting_ready import ReadyLimits
from .jailed_tracer import JailedTracer
from .means import TracerMeans
from .yardstick import Yardstick

Answer = Mapping[str, Any]


class TracerOrders:
    """Carries out the orders about tracers; `close` ends them all.

    Its methods may be called from several threads.
    """

    def __init__(
        self, folder: Path, means: TracerMeans, recorder: RecorderClient, say: Callable[[Answer], None]
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

    def start(self, request: dict[str, Any]) -> Answer:
        """{tracer, files (name -> base64), environment, stream, and what makes a JailKind}: in its jail."""
        name, kind = str(request["tracer"]), JailKind.of(request)
        if name in self._tracers:
            raise ValueError(f"tracer {name} runs already")
        files = {path: base64.b64decode(content) for path, content in request["files"].items()}
        for path in files:
            if Path(path).is_absolute() or ".." in Path(path).parts:
                raise ValueError(f"a file outside the attempt: {path}")
        with self._starting:
            if self._closing:
                raise RuntimeError("the session is ending")
            number = len(self._tracers)
            means = self._means.make(name, kind.needs)
            environment = request.get("environment") or {}
            self._tracers[name] = JailedTracer(
                enter(self._folder, kind, files, environment, skip_pids=number, means=means),
                skip_pids=number,
                on_line=self._line_event(name) if request.get("stream") else lambda _line: None,
            )
        return {}

    def start_ahead(self, request: dict[str, Any]) -> Answer:
        """{what makes a JailKind}: when this session has ended, one such jail waits for the next attempt."""
        self._next = JailKind.of(request)
        return {}

    def wait_ready(self, request: dict[str, Any]) -> Answer:
        """{tracer, limits} -> {ready, ended_by, seconds, ready_ns}."""
        limits = ReadyLimits(**request["limits"])
        return self._tracers[request["tracer"]].until_ready(limits, self._yardstick.cpu_s)

    def kernel_facts(self, request: dict[str, Any]) -> Answer:
        """{tracer} or {tracers} -> {facts: tracer -> programs, attachments, maps, ended: tracers}."""
        chosen = self._chosen(request)
        found = facts(
            {name: tracer.host_pids() for name, tracer in chosen.items()},
            {name: self._means.objects(name) for name in chosen},
        )
        for name, tracer in chosen.items():
            tracer.program_ids.update(program["id"] for program in found[name]["programs"])
        return {"facts": found, "ended": ended(chosen)}

    def run_counts(self, request: dict[str, Any]) -> Answer:
        """{tracers} -> {runs: tracer -> program id -> how often it ran, pids: tracer -> processes, ended}."""
        chosen = self._chosen(request)
        pids = {name: tracer.host_pids() for name, tracer in chosen.items()}
        known = {name: tracer.program_ids for name, tracer in chosen.items()}
        return {"runs": run_counts(pids, known), "pids": pids, "ended": ended(chosen)}

    def yardstick(self, _request: dict[str, Any]) -> Answer:
        """-> {cpu_s}: what compiling and attaching a tracer of ours takes now."""
        return {"cpu_s": Yardstick().cpu_s()}

    def stop(self, request: dict[str, Any]) -> Answer:
        """{tracer, grace_s} -> how it went, what the gate `refused` it, and where its output lies."""
        tracer = self._tracers[request["tracer"]]
        stopped = tracer.stop(float(request["grace_s"]))
        return {**stopped, "refused": self._recorder.refused(tracer.unit)}

    def left_behind(self, _request: dict[str, Any]) -> Answer:
        """After all have ended -> {left_behind: tracer -> programs and probes}; the probes are removed."""
        probes = self.remove_probes()
        kept = {name: self._means.left(name) for name in self._tracers}
        # What is still attached or pinned keeps its programs: they need not be waited for.
        gone = [tracer for name, tracer in self._tracers.items() if not kept[name]]
        left = set(still_there({number for tracer in gone for number in tracer.program_ids}))
        return {
            "left_behind": {
                name: kept[name]
                + [f"program {number}" for number in sorted(tracer.program_ids & left)]
                + [f"probe {probe}" for probe in probes if self._is_of(tracer, probe)]
                for name, tracer in self._tracers.items()
            }
        }

    def _chosen(self, request: dict[str, Any]) -> dict[str, JailedTracer]:
        names = request.get("tracers") or [request["tracer"]]
        return {name: self._tracers[name] for name in names}

    def _is_of(self, tracer: JailedTracer, probe: str) -> bool:
        """Whether this tracer defined the probe. Only BCC's own names tell tracers apart that share a run."""
        return probe.endswith(tracer.probe_suffix) or len(self._tracers) == 1

    def _line_event(self, name: str) -> Callable[[bytes], None]:
        def tell(line: bytes) -> None:
            self._say({"event": "tracer_line", "tracer": name, "line": line.decode("utf-8", "replace")})

        return tell


def ended(tracers: Mapping[str, JailedTracer]) -> list[str]:
    """Which of these have ended by themselves."""
    return [name for name, tracer in tracers.items() if tracer.has_ended()]
