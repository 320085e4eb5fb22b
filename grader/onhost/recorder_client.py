"""Asking the resident recorder."""

from __future__ import annotations

import json
import socket
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .broken import Broken
from .disturbed import Disturbed
from .recorder_service import RecorderDown, RecorderService

SOCKET_PATH = "/run/lab/recorder.sock"
LOOK_EVERY_S = 2.0
MORE = "for more: lab shell, then journalctl -u lab-recorder -n 50"
CHUNK_BYTES = 1024 * 1024

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

    def on(self, waiting: Waiting = lambda: None, **wish: Any) -> dict[str, Any]:
        """Forget everything and record; {gate_open: why, nothing when it is not, functions: their offsets}.

        Waits for a recorder that still starts, as long as it gets on. Raises RuntimeError when the recorder
        refuses or does not run, Broken when it would refuse again.
        """
        answer, _ = self._ask({"do": "on", **wish}, waiting)
        self._instance = answer["instance"]
        return answer

    def enclose(self) -> None:
        """The tracers are attached: note functions in front of them too. Raises RuntimeError."""
        answer, _ = self._ask({"do": "enclose"})
        self._same(answer)

    def refused(self, unit: str) -> list[str]:
        """What the programs of this service wanted that the gate refused; nothing when nobody answers."""
        try:
            answer, _ = self._ask({"do": "refused"})
        except RuntimeError:
            return []  # who asks next for what was recorded hears why
        return sorted(what for whose, what in answer["refused"] if whose == unit)

    def off(self) -> None:
        """Stop recording; harmless when it was not on."""
        if self._instance:
            self._ask({"do": "off"})
            self._instance = ""

    def moved(self) -> list[int]:
        """Calls of the target that returned data so far, per mechanism."""
        answer, _ = self._ask({"do": "moved"})
        self._same(answer)
        return list(answer["moved"])

    def read_into(self, path: Path) -> dict[str, Any]:
        """Stop recording and write all to `path`: a line of JSON, then the mechanisms' bytes, compressed."""
        answer, content = self._ask({"do": "read"})
        self._same(answer)
        told = {"mechanisms": answer["mechanisms"], "functions": answer["functions"]}
        head = json.dumps(told).encode() + b"\n"
        # The fastest level: the bytes go over an emulated network at 5 MB/s.
        path.write_bytes(zlib.compress(head + content, 1))
        return {"path": str(path), "bytes": path.stat().st_size, "cost": answer["cost"]}

    def _same(self, answer: dict[str, Any]) -> None:
        if answer["instance"] != self._instance:
            raise Disturbed("the recorder ended and was started again during the run")

    def _ask(self, request: dict[str, Any], waiting: Waiting = lambda: None) -> tuple[dict[str, Any], bytes]:
        service = self._service()
        try:
            with socket.socket(socket.AF_UNIX) as sock:
                sock.settimeout(self._look_every_s)
                sock.connect(self._path)
                sock.sendall(json.dumps(request).encode() + b"\n")
                line, _, content = self._all_of(sock, service, waiting).partition(b"\n")
            answer = json.loads(line or b"null")
        except RecorderDown as error:
            raise RuntimeError(f"{error} ({MORE})") from None
        except (OSError, ValueError):
            answer, content = None, b""
        if answer is None:
            raise RuntimeError(f"{service.why()} ({MORE})")
        if not answer.get("ok"):
            kind = Broken if answer.get("broken") else RuntimeError
            raise kind(f"the recorder refused: {answer.get('error', 'no answer')}")
        return answer, content

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
