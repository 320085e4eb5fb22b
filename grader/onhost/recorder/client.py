"""Asking the resident recorder."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from ..contract import recording_file
from ..contract.broken import Broken
from ..contract.disturbed import Disturbed
from ..contract.kind_of_failure import Kind
from ..contract.messages import Asked, to_line
from ..contract.order import Order
from ..contract.plain_data import from_plain
from ..contract.recorder_orders import (
    RecorderEnclose,
    RecorderIsOn,
    RecorderOff,
    RecorderOn,
    RecordingFile,
)
from .questions import AskMoved, AskRefused, Read, Reply
from .service import RecorderDown, RecorderService

SOCKET_PATH = "/run/lab/recorder.sock"
LOOK_EVERY_S = 2.0
MORE = "for more: lab shell, then journalctl -u lab-recorder -n 50"
CHUNK_BYTES = 1024 * 1024

A = TypeVar("A")

Waiting = Callable[[], None]
"""Called every LOOK_EVERY_S while the recorder works, or still starts."""


class RecorderClient:
    """Remembers which recorder it switched on, and notices when that one is gone."""

    def __init__(
        self,
        path: str = SOCKET_PATH,
        service: Callable[[], RecorderService] = RecorderService,
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        self._path = path
        self._service = service
        self._look_every_s = look_every_s
        self._instance = ""

    def on(self, order: RecorderOn, waiting: Waiting = lambda: None) -> RecorderIsOn:
        """Have it recorded.

        Waits for a recorder that still starts, as long as it gets on. Raises RuntimeError when the recorder
        refuses or does not run, Broken when it would refuse again.
        """
        answer, self._instance, _ = self._ask(order, waiting)
        return answer

    def enclose(self) -> None:
        """The tracers are attached: note functions in front of them too. Raises RuntimeError."""
        self._ask_the_same(RecorderEnclose())

    def refused(self, unit: str) -> tuple[str, ...]:
        """What the programs of this service wanted that the gate refused; nothing when nobody answers."""
        try:
            answer, _, _ = self._ask(AskRefused())
        except RuntimeError:
            return ()  # who asks next for what was recorded hears why
        return tuple(sorted(one.what for one in answer.refusals if one.unit == unit))

    def off(self) -> None:
        """Stop recording; harmless when it was not on."""
        if self._instance:
            self._ask(RecorderOff())
            self._instance = ""

    def moved(self) -> tuple[int, ...]:
        """Calls of the target that returned data so far, per mechanism."""
        answer, _ = self._ask_the_same(AskMoved())
        return answer.calls

    def read_into(self, path: Path) -> RecordingFile:
        """Stop recording and write all to `path`."""
        answer, content = self._ask_the_same(Read())
        path.write_bytes(recording_file.packed(content))
        return RecordingFile(str(path), os.uname().machine, answer.cost)

    def _ask_the_same(self, order: Order[A]) -> tuple[A, bytes]:
        """Of the recorder that was switched on. Raises Disturbed where that is gone."""
        answer, instance, content = self._ask(order)
        if instance != self._instance:
            raise Disturbed("the recorder ended and was started again during the run")
        return answer, content

    def _ask(self, order: Order[A], waiting: Waiting = lambda: None) -> tuple[A, str, bytes]:
        """Its answer, which instance gave it, and what came behind it. Raises RuntimeError."""
        service = self._service()
        request = to_line(Asked(0, order.name, order.params()))
        try:
            with socket.socket(socket.AF_UNIX) as sock:
                sock.settimeout(self._look_every_s)
                sock.connect(self._path)
                sock.sendall(request.encode() + b"\n")
                line, _, content = self._all_of(sock, service, waiting).partition(b"\n")
            reply = from_plain(Reply, json.loads(line))
        except RecorderDown as error:
            raise RuntimeError(f"{error} ({MORE})") from None
        except (OSError, ValueError):
            raise RuntimeError(f"{service.why()} ({MORE})") from None
        if reply.error:
            refusal = Broken if reply.kind is Kind.BROKEN else RuntimeError
            raise refusal(f"the recorder refused: {reply.error}")
        return order.answered(reply.answer), reply.instance, content

    def _all_of(self, sock: socket.socket, service: RecorderService, waiting: Waiting) -> bytes:
        """What it sends until it closes the connection."""
        parts: list[bytes] = []
        while True:
            try:
                part = sock.recv(CHUNK_BYTES)
            except TimeoutError:
                service.look(time.monotonic())
                waiting()
                continue
            if not part:
                return b"".join(parts)
            parts.append(part)
