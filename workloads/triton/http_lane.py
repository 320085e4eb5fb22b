"""Sends one lane of requests over one keep-alive connection, and notes what was sent."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

from grader.traffic import LedgerEntry
from workloads.triton.http_messages import BadAnswer, HttpAnswer, encode, split_head
from workloads.triton.lanes import Lane, WorkRequest

CONNECT_S = 30.0


class HttpConnection:
    """One TCP connection to the server; a context manager."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._socket = socket.create_connection(address, timeout=CONNECT_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> HttpConnection:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """The server sees the end of the connection."""
        self._socket.close()

    def abort(self) -> None:
        """Make another thread's waiting end with an error."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def exchange(self, message: bytes, timeout_s: float) -> HttpAnswer:
        """Send one request in one write and read its whole answer. Raises OSError, BadAnswer."""
        self._socket.settimeout(timeout_s)
        self._socket.sendall(message)
        received = b""
        while (head := split_head(received)) is None:
            received += self._more()
        status, head_bytes, body_bytes = head
        while len(received) < head_bytes + body_bytes:
            received += self._more()
        if len(received) > head_bytes + body_bytes:
            raise BadAnswer("the server sent more than one answer")
        return HttpAnswer(status, received[head_bytes:], len(received))

    def _more(self) -> bytes:
        piece = self._socket.recv(65_536)
        if not piece:
            raise BadAnswer("the server closed the connection before its answer was complete")
        return piece


class OpenConnections:
    """The connections in use, so that whoever stops the traffic can end them all."""

    def __init__(self) -> None:
        self._open: set[HttpConnection] = set()
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def holding(self, connection: HttpConnection) -> Iterator[HttpConnection]:
        """Count `connection` in while the block runs."""
        with self._lock:
            self._open.add(connection)
        try:
            yield connection
        finally:
            with self._lock:
                self._open.discard(connection)

    def abort(self) -> None:
        """End all of them from outside."""
        with self._lock:
            for connection in self._open:
                connection.abort()


class HttpLane:
    """One lane of one step: `send` runs it. Entries are of kind `http`, and one `http_close` at the end."""

    def __init__(self, number: int, who: str, address: tuple[str, int], stopping: threading.Event) -> None:
        self._number, self._who, self._address = number, who, address
        self._stopping = stopping

    def send(
        self, lane: Lane, connections: OpenConnections, opened: HttpConnection | None = None
    ) -> list[LedgerEntry]:
        """Send all requests of the lane; after a failure none of the rest: the evidence is void then.

        On `opened`, where the connection is made already; it is closed at the end.
        """
        entries: list[LedgerEntry] = []
        began_ns = time.monotonic_ns()
        try:
            connection = opened or HttpConnection(self._address)
        except OSError as error:
            detail = {"index": 0, "error": f"no connection: {error}", "unsent": len(lane)}
            return [self._entry("http", False, began_ns, detail)]
        with connection, connections.holding(connection):
            quiet_since_ns = time.monotonic_ns()
            for index, request in enumerate(lane):
                if self._stopping.wait(request.gap_ms / 1000):
                    break
                entry = self._one(connection, request, index, len(lane), quiet_since_ns)
                entries.append(entry)
                quiet_since_ns = entry.ended_ns
                if not entry.ok:
                    break
            closed_ns = time.monotonic_ns()
        entries.append(self._entry("http_close", True, closed_ns, {"requests": len(entries)}))
        return entries

    def _one(
        self, connection: HttpConnection, request: WorkRequest, index: int, planned: int, quiet_since_ns: int
    ) -> LedgerEntry:
        message = encode(request, self._who)
        detail: dict[str, object] = {
            "index": index,
            "gap_ms": request.gap_ms,
            "sleep_ms": request.sleep_ms,
            "spin_ms": request.spin_ms,
            "sent_bytes": len(message),
        }
        started_ns = time.monotonic_ns()
        detail["gap_ns"] = started_ns - quiet_since_ns
        try:
            answer = connection.exchange(message, request.timeout_s)
        except (OSError, BadAnswer) as error:
            unsent = planned - index - 1
            return self._entry("http", False, started_ns, {**detail, "error": str(error), "unsent": unsent})
        ended_ns = time.monotonic_ns()
        detail |= {"status": answer.status, "bytes": answer.bytes, "latency_ns": ended_ns - started_ns}
        right = answer.is_right_for(request)
        if not right:
            detail |= {"error": f"wrong answer: {answer.body[:200]!r}", "unsent": planned - index - 1}
        return self._entry("http", right, started_ns, detail, ended_ns)

    def _entry(
        self, kind: str, ok: bool, started_ns: int, detail: dict[str, object], ended_ns: int = 0
    ) -> LedgerEntry:
        ended_ns = ended_ns or time.monotonic_ns()
        return LedgerEntry(kind, self._who, ok, started_ns, ended_ns, {"lane": self._number, **detail})
