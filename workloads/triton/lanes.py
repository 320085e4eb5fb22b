"""Lanes: chains of requests, each sent when the one before it was answered and its gap has passed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from grader.traffic import LedgerEntry
from workloads.errors import WorkloadError

REQUEST_KEYS = frozenset({"gap_ms", "sleep_ms", "spin_ms", "cancel_ms"})
PATIENCE_S = 60.0
"""How long an answer may take beyond the work it was asked for: emulated machines stall."""


@dataclass(frozen=True)
class WorkRequest:
    """One request: what the client waits before it, and what the model is to do."""

    gap_ms: float = 0.0
    sleep_ms: float = 0.0
    spin_ms: float = 0.0
    cancel_ms: float = 0.0
    """The client gives the call up after this long, if it has no answer by then; 0: it waits. gRPC only."""

    @property
    def work_ms(self) -> float:
        """What the model answers."""
        return self.sleep_ms + self.spin_ms

    @property
    def timeout_s(self) -> float:
        """After this long without an answer it counts as unanswered."""
        return self.work_ms / 1000 + PATIENCE_S


Lane = tuple[WorkRequest, ...]


def lanes_of(params: Mapping[str, Any]) -> tuple[Lane, ...]:
    """The lanes in a step's params. Raises WorkloadError for what cannot be understood."""
    lanes = params.get("lanes")
    if not isinstance(lanes, Sequence) or isinstance(lanes, str) or not lanes:
        raise WorkloadError("a step with requests needs `lanes`: a list of lists of requests")
    return tuple(tuple(_request(entry) for entry in lane) for lane in lanes)


def _request(entry: Mapping[str, Any]) -> WorkRequest:
    unknown = set(entry) - REQUEST_KEYS
    if unknown:
        raise WorkloadError(
            f"a request has no {', '.join(sorted(unknown))}; it has {', '.join(sorted(REQUEST_KEYS))}"
        )
    request = WorkRequest(**{key: float(value) for key, value in entry.items()})
    if not all(0 <= value < float("inf") for value in vars(request).values()):
        raise WorkloadError(f"a request's times must be 0 or more milliseconds: {dict(entry)}")
    return request


def run_lanes(
    lanes: Sequence[Lane], send: Callable[[int, Lane], list[LedgerEntry]], stopping: threading.Event
) -> list[LedgerEntry]:
    """Send all lanes at the same time, a thread each; entries in the order of the lanes.

    An exception in one lane sets `stopping`, so that the others end early, and is raised.
    """

    def one(index: int) -> list[LedgerEntry]:
        try:
            return send(index, lanes[index])
        except BaseException:
            stopping.set()
            raise

    with ThreadPoolExecutor(max_workers=len(lanes), thread_name_prefix="lane") as pool:
        futures = [pool.submit(one, index) for index in range(len(lanes))]
        return [entry for future in futures for entry in future.result()]
