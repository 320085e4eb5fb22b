"""Sends one lane of unary gRPC calls over a channel that it may share with other lanes."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator

import grpc  # type: ignore[import-untyped]

from grader.traffic import LedgerEntry
from workloads.triton import grpc_messages
from workloads.triton.lanes import Lane, WorkRequest

OPTIONS = (
    ("grpc.use_local_subchannel_pool", 1),  # otherwise channels to one address share one connection
    ("grpc.enable_retries", 0),  # a call that was sent twice would not be in the ledger twice
    ("grpc.enable_http_proxy", 0),
)


@contextlib.contextmanager
def channels(address: tuple[str, int], count: int) -> Iterator[list[grpc.Channel]]:
    """`count` connections of their own to one address; made at their first call."""
    with contextlib.ExitStack() as stack:
        target = f"{address[0]}:{address[1]}"
        yield [stack.enter_context(grpc.insecure_channel(target, options=OPTIONS)) for _ in range(count)]


class GrpcLane:
    """One lane of one step: `send` runs it. Entries are of kind `grpc`."""

    def __init__(
        self, number: int, who: str, channel_number: int, channel: grpc.Channel, stopping: threading.Event
    ) -> None:
        self._number, self._who, self._channel_number = number, who, channel_number
        self._call = channel.unary_unary(grpc_messages.METHOD)
        self._stopping = stopping

    def send(self, lane: Lane) -> list[LedgerEntry]:
        """Make all calls of the lane; after a failure none of the rest, because the evidence is void then."""
        entries: list[LedgerEntry] = []
        quiet_since_ns = time.monotonic_ns()
        for index, request in enumerate(lane):
            if self._stopping.wait(request.gap_ms / 1000):
                break
            entry = self._one(request, index, len(lane), quiet_since_ns)
            entries.append(entry)
            quiet_since_ns = entry.ended_ns
            if not entry.ok:
                break
        return entries

    def _one(self, request: WorkRequest, index: int, planned: int, quiet_since_ns: int) -> LedgerEntry:
        message = grpc_messages.encode(request)
        started_ns = time.monotonic_ns()
        status, answer, error = self._ask(message, request)
        ended_ns = time.monotonic_ns()
        given_up = request.cancel_ms > 0 and status == "CANCELLED"
        right = given_up or (not error and status == "OK" and grpc_messages.is_right_for(request, answer))
        detail: dict[str, object] = {
            "lane": self._number,
            "channel": self._channel_number,
            "index": index,
            "gap_ms": request.gap_ms,
            "gap_ns": started_ns - quiet_since_ns,
            "sleep_ms": request.sleep_ms,
            "spin_ms": request.spin_ms,
            "cancel_ms": request.cancel_ms,
            "sent_bytes": len(message),
            "bytes": len(answer),
            "status": status,
            "latency_ns": ended_ns - started_ns,
        }
        if not right:
            detail |= {"error": error or "wrong answer", "unsent": planned - index - 1}
        return LedgerEntry("grpc", self._who, right, started_ns, ended_ns, detail)

    def _ask(self, message: bytes, request: WorkRequest) -> tuple[str, bytes, str]:
        """(status, answer, error) of one call; CANCELLED when it was given up before its answer came."""
        call = self._call.future(message, timeout=request.timeout_s)
        try:
            return "OK", call.result(request.cancel_ms / 1000 or None), ""
        except grpc.FutureTimeoutError:
            call.cancel()
            return self._outcome(call)
        except grpc.FutureCancelledError:
            return "CANCELLED", b"", "the traffic was stopped"
        except grpc.RpcError as problem:
            return problem.code().name, b"", str(problem.details())

    @staticmethod
    def _outcome(call: grpc.Future) -> tuple[str, bytes, str]:
        """How a call ended that was asked to end: its answer may have come at that very moment."""
        try:
            return "OK", call.result(), ""
        except grpc.FutureCancelledError:
            return "CANCELLED", b"", ""
        except grpc.RpcError as problem:
            return problem.code().name, b"", str(problem.details())
