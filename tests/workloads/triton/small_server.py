"""An HTTP server for one test: reads requests like Triton's and answers what it is told to."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator

Answer = Callable[[dict[str, float]], bytes]
"""From a request's inputs to the bytes that go back."""


class LastWords(bytes):
    """An answer after which the server closes the connection."""


def as_answer(body: bytes, status: str = "200 OK") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def sum_of(inputs: dict[str, float]) -> bytes:
    """What the model answers."""
    return as_answer(json.dumps({"outputs": [{"name": "DONE", "data": [sum(inputs.values())]}]}).encode())


class SmallServer:
    """Counts connections and requests; `address` is where it listens."""

    def __init__(self, answer: Answer) -> None:
        self.connections = 0
        self.requests: list[dict[str, float]] = []
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address: tuple[str, int] = self._listener.getsockname()

    def serve(self) -> None:
        workers: list[threading.Thread] = []
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                break
            self.connections += 1
            workers.append(threading.Thread(target=self._talk, args=(connection,)))
            workers[-1].start()
        for worker in workers:
            worker.join()

    def stop(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _talk(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as stream:
            while line := stream.readline():
                assert line.startswith(b"POST /v2/models/work/infer HTTP/1.1")
                length = 0
                while (field := stream.readline().strip()) != b"":
                    if field.lower().startswith(b"content-length:"):
                        length = int(field.split(b":")[1])
                body = json.loads(stream.read(length))
                inputs = {tensor["name"]: tensor["data"][0] for tensor in body["inputs"]}
                self.requests.append(inputs)
                answer = self._answer(inputs)
                connection.sendall(answer)
                if isinstance(answer, LastWords):
                    return


@contextlib.contextmanager
def small_server(answer: Answer = sum_of) -> Iterator[SmallServer]:
    server = SmallServer(answer)
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join()
