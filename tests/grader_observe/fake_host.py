"""A lab host that answers the session's orders from a table."""

from __future__ import annotations

import contextlib
import json
import queue
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from vocabulary.completed import Completed
from vocabulary.host_facts import HostFacts

RECORDING = zlib.compress(
    json.dumps(
        {
            "mechanisms": [
                {"mechanism": name, "ended": 0, "begun": 0, "lost": 0} for name in ("raw", "fentry")
            ],
            "functions": {},
        }
    ).encode()
    + b"\n"
)
STOPPED = {
    "ready": True,
    "ended_by": "sigint",
    "limit": "",
    "exit_code": 0,
    "ready_ns": 10,
    "sigint_ns": 20,
    "stdout_tail": "READY\n",
    "stderr_tail": "",
    "documents_before": 0,
    "output_exceeded": False,
    "after_path": "/after",
    "after_bytes": 14,
    "before_path": "/before",
    "before_bytes": 0,
}
FACTS = {
    "programs": [
        {
            "id": 9,
            "name": "probe",
            "kind": "kprobe",
            "run_count": 3,
            "run_time_ns": 30,
            "recursion_misses": 0,
            "map_ids": [4],
        }
    ],
    "attachments": [{"program_id": 9, "kind": "kprobe", "where": "f", "offset": 0}],
    "maps": [{"id": 4, "name": "counts", "kind": "hash", "max_entries": 8, "entries": 1}],
    "reads_trace_pipe": False,
}

Answer = Callable[[dict[str, Any]], dict[str, Any]]


class LostError(Exception):
    """The host package's own word for a lost machine."""


@dataclass
class FakeHost:
    """Satisfies `Host`. `answers` replaces what is said to an order; None ends the session there."""

    answers: dict[str, Answer | None] = field(default_factory=dict)
    orders: list[str] = field(default_factory=list)
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
        request = json.loads(line)
        name = request["order"]
        self._host.orders.append(name)
        answer = self._host.answers.get(name, self._usual)
        if answer is None:
            self._lines.put(None)
        else:
            self._lines.put(json.dumps({"id": request["id"], "ok": True, **answer(request)}))

    def read_line(self, timeout_s: float) -> str | None:
        line = self._lines.get()
        if line is None and self._host.lost:
            raise LostError
        return line

    def _usual(self, request: dict[str, Any]) -> dict[str, Any]:
        names = request.get("tracers", ())
        self._runs += 1
        usual: dict[str, dict[str, Any]] = {
            "hello": {"notes": []},
            "wait_ready": {"ready": True, "ended_by": "", "seconds": 1.0, "ready_ns": 10},
            "kernel_facts": {"facts": dict.fromkeys(names, FACTS)},
            "run_counts": {"runs": {name: {"9": self._runs} for name in names}},
            "stop_tracer": STOPPED,
            "recorder_read": {"path": "/recording", "bytes": 1, "machine": "x86_64"},
            "trace_lines": {"lines": "hello"},
            "yardstick": {"cpu_s": 9.0},
            "left_behind": {"left_behind": {"t0": ["program 9"]}},
        }
        return usual.get(request["order"], {})
