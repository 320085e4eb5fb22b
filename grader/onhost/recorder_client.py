"""Asking the resident recorder."""

from __future__ import annotations

import json
import socket
import zlib
from pathlib import Path
from typing import Any

from .disturbed import Disturbed

SOCKET_PATH = "/run/lab/recorder.sock"
STARTS_WITHIN_S = 300.0
"""Emulated and cold, its programs take a while to load; the socket waits for them."""


class RecorderClient:
    """Remembers which recorder it switched on, and notices when that one is gone."""

    def __init__(self, path: str = SOCKET_PATH) -> None:
        self._path = path
        self._instance = ""

    def on(self, **wish: Any) -> dict[str, Any]:
        """Forget everything and record; {gate_open: why, nothing when it is not, functions: their offsets}.

        Raises RuntimeError when the recorder refuses or is not there.
        """
        answer, _ = self._ask({"do": "on", **wish})
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
        return {"path": str(path), "bytes": path.stat().st_size}

    def _same(self, answer: dict[str, Any]) -> None:
        if answer["instance"] != self._instance:
            raise Disturbed("the recorder ended and was started again during the run")

    def _ask(self, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        try:
            with socket.socket(socket.AF_UNIX) as sock:
                sock.settimeout(STARTS_WITHIN_S)
                sock.connect(self._path)
                sock.sendall(json.dumps(request).encode() + b"\n")
                with sock.makefile("rb") as stream:
                    answer = json.loads(stream.readline() or b"{}")
                    content = stream.read()
        except (OSError, ValueError) as error:
            raise RuntimeError(f"the recorder does not answer: {error}") from None
        if not answer.get("ok"):
            raise RuntimeError(f"the recorder refused: {answer.get('error', 'no answer')}")
        return answer, content
