"""A lab host that answers the session's orders from a table."""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from grader.observation import Attachment, KernelFacts, MapFacts, ProgramFacts, TracerRun
from grader.onhost.contract import driver_orders, host_orders, recorder_orders, tracer_orders
from grader.onhost.contract.host_orders import (
    CpuTime,
    Hello,
    HostNotes,
    MeasureYardstick,
    TraceLines,
    TracePipe,
)
from grader.onhost.contract.messages import Asked, Done, Failed, from_line, to_line
from grader.onhost.contract.order import Nothing, Order
from grader.onhost.contract.plain_data import to_plain
from grader.onhost.contract.record import Mechanism
from grader.onhost.contract.recorder_orders import RecorderIsOn, RecorderOn, RecorderRead, RecordingFile
from grader.onhost.contract.recording_file import Noted, packed, parts
from grader.onhost.contract.tracer_orders import (
    AskKernel,
    CountRuns,
    FindLeftBehind,
    InKernel,
    LeftBehind,
    Printed,
    Readiness,
    RunCounts,
    StopTracer,
    TracerStopped,
    WaitReady,
)
from vocabulary.completed import Completed
from vocabulary.host_facts import HostFacts

RECORDING = packed(b"".join(parts([Noted(one, b"") for one in Mechanism], {})))
STOPPED = TracerStopped(
    TracerRun(ready=True, ended_by="sigint", exit_code=0, ready_ns=10, sigint_ns=20, stdout_tail="READY\n"),
    after=Printed("/after", 14),
)
FACTS = KernelFacts(
    programs=(ProgramFacts(9, "probe", "kprobe", 3, 30, recursion_misses=0, map_ids=(4,)),),
    attachments=(Attachment(9, "kprobe", "f"),),
    maps=(MapFacts(4, "counts", "hash", max_entries=8, entries=1),),
)

Answer = Callable[[Any], object]
"""From an order to what is answered, or to a `Failed` whatever its number."""

Answers = dict[type[Order[Any]], Answer | None]

USUAL: dict[type[Order[Any]], Answer] = {
    Hello: lambda _: HostNotes(()),
    RecorderOn: lambda _: RecorderIsOn(),
    WaitReady: lambda _: Readiness(ready=True),
    AskKernel: lambda order: InKernel(dict.fromkeys(order.tracers, FACTS)),
    StopTracer: lambda _: STOPPED,
    RecorderRead: lambda _: RecordingFile("/recording", "x86_64"),
    TraceLines: lambda _: TracePipe("hello"),
    MeasureYardstick: lambda _: CpuTime(9.0),
    FindLeftBehind: lambda _: LeftBehind({"t0": ("program 9",)}),
}
ORDERS = {
    order.name: order
    for module in (driver_orders, host_orders, recorder_orders, tracer_orders)
    for order in vars(module).values()
    if isinstance(order, type) and issubclass(order, Order) and order is not Order
}


class LostError(Exception):
    """The host package's own word for a lost machine."""


@dataclass
class FakeHost:
    """Satisfies `Host`. `answers` replaces what is said to an order; None ends the session there."""

    answers: Answers = field(default_factory=dict)
    orders: list[type[Order[Any]]] = field(default_factory=list)
    lost: bool = False
    ended: bool = False

    facts = HostFacts("vm", "6.12", "tcg", 2)

    def run(
        self, argv: Sequence[str], *, stdin: bytes = b"", timeout_s: float = 60.0, check: bool = True
    ) -> Completed:
        raise NotImplementedError

    @contextlib.contextmanager
    def start(self, argv: Sequence[str]) -> Iterator[FakeProcess]:
        try:
            yield FakeProcess(self)
        finally:
            self.ended = True

    def write_files(self, folder: str, files: Mapping[str, bytes]) -> None:
        raise NotImplementedError

    def read_file(self, path: str, limit_bytes: int) -> bytes:
        return {"/recording": RECORDING, "/after": b'{"count": 211}'}[path]

    def forward(self, port: int) -> tuple[str, int]:
        raise NotImplementedError


class FakeProcess:
    """The session's process: every order is answered at once."""

    stderr_text = "it fell over"

    def __init__(self, host: FakeHost) -> None:
        self._host = host
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._runs = 0

    def send_line(self, line: str) -> None:
        asked = from_line(line)
        assert isinstance(asked, Asked)
        kind = ORDERS[asked.order]
        self._host.orders.append(kind)
        answer = self._host.answers.get(kind, self._usual(kind))
        if answer is None:
            self._lines.put(None)
            return
        said = answer(kind.of(asked.params))
        message = replace(said, id=asked.id) if isinstance(said, Failed) else Done(asked.id, to_plain(said))
        self._lines.put(to_line(message))

    def read_line(self, timeout_s: float) -> str | None:
        line = self._lines.get()
        if line is None and self._host.lost:
            raise LostError
        return line

    def _usual(self, kind: type[Order[Any]]) -> Answer:
        self._runs += 1
        if kind is CountRuns:
            return lambda order: RunCounts({name: {9: self._runs} for name in order.tracers})
        return USUAL.get(kind, lambda _: Nothing())
