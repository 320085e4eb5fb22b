"""The guest agent: the way into the guest that needs neither network nor sshd."""

from __future__ import annotations

import base64
import contextlib
import json
import secrets
import socket
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any


class AgentFailed(Exception):
    """The guest's agent did not answer in time, or refused."""


class AgentRefused(AgentFailed):
    """It answered, with an error."""


class Agent:
    """One conversation, in JSON lines."""

    def __init__(self, connection: socket.socket, answer_s: float) -> None:
        self._connection = connection
        self._answer_s = answer_s
        self._end = time.monotonic() + answer_s
        self._buffer = b""

    def sync(self) -> None:
        """Wait until the agent listens; drops what an earlier client left half-said."""
        token = secrets.randbelow(2**31)
        self._send("guest-sync", {"id": token})
        while self._receive().get("return") != token:
            pass

    def ask(self, command: str, **arguments: Any) -> Any:
        """The `return` value of one command. Raises AgentFailed."""
        self._send(command, arguments)
        answer = self._receive()
        if "error" in answer:
            raise AgentRefused(f"{command}: {answer['error'].get('desc', 'refused')}")
        return answer.get("return")

    def set_clock(self) -> None:
        """Give the guest this machine's wall clock."""
        # It answers with an error about hwclock, which the image lacks, after it has set the time.
        with contextlib.suppress(AgentRefused):
            self.ask("guest-set-time", time=time.time_ns())

    def run(self, argv: Sequence[str], stdin: bytes = b"", limit_s: float = 60.0) -> tuple[int, str]:
        """Run a command to its end: exit code and output. Raises AgentFailed when it takes too long."""
        options: dict[str, Any] = {"capture-output": True}
        if stdin:
            options["input-data"] = base64.b64encode(stdin).decode()
        started = self.ask("guest-exec", path=argv[0], arg=list(argv[1:]), **options)
        end = time.monotonic() + limit_s
        while time.monotonic() < end:
            status = self.ask("guest-exec-status", pid=started["pid"])
            if status["exited"]:
                output = base64.b64decode(status.get("out-data", "")).decode(errors="replace")
                return int(status.get("exitcode", 255)), output
            time.sleep(0.1)
        raise AgentFailed(f"{argv[0]} did not end within {limit_s:.0f} s")

    def _send(self, command: str, arguments: dict[str, Any]) -> None:
        line = json.dumps({"execute": command, "arguments": arguments}) + "\n"
        self._end = time.monotonic() + self._answer_s
        try:
            self._connection.sendall(line.encode())
        except OSError as error:
            raise AgentFailed("the machine has stopped") from error

    def _receive(self) -> dict[str, Any]:
        while b"\n" not in self._buffer:
            left = self._end - time.monotonic()
            if left <= 0:
                raise AgentFailed("no answer in time")
            self._connection.settimeout(left)
            try:
                data = self._connection.recv(65536)
            except TimeoutError as error:
                raise AgentFailed("no answer in time") from error
            except OSError as error:
                raise AgentFailed("the machine has stopped") from error
            if not data:
                raise AgentFailed("the machine has stopped")
            self._buffer += data
        line, self._buffer = self._buffer.split(b"\n", 1)
        try:
            answer = json.loads(line.lstrip(b"\xff"))
        except ValueError:
            return {}
        return answer if isinstance(answer, dict) else {}


@contextlib.contextmanager
def agent(path: Path, answer_s: float) -> Iterator[Agent]:
    """Talk to the agent behind `path`; each answer within `answer_s`. Raises AgentFailed."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(answer_s)
        try:
            connection.connect(str(path))
        except OSError as error:
            raise AgentFailed(f"no agent socket: {error}") from error
        talk = Agent(connection, answer_s)
        talk.sync()
        yield talk
