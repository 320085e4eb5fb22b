"""Processes for the driver without the price of starting Python (half a second and more, emulated).

At its start, before it has threads, the session forks one process that does nothing but fork again on
request. Each fork plays one role: a function that gets its parameters and a socket for what it has to say.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any

from ..contract.disturbed import Disturbed

Role = Callable[[Mapping[str, Any], socket.socket], None]

MESSAGE_LIMIT_BYTES = 128 * 1024
ENDED = "a process of the driver ended before its work was done"


class SpareProcess:
    """One process playing a role. A context manager: leaving it kills the process."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        sock.settimeout(60)
        # Its number may be another's as soon as it has ended, so it sends a handle of itself.
        message, handles, _, _ = socket.recv_fds(sock, MESSAGE_LIMIT_BYTES, 1)
        self._handle: int | None = handles[0] if handles else None
        self.pid = int(_read(message)["pid"])

    def __enter__(self) -> SpareProcess:
        return self

    def __exit__(self, *exc: object) -> None:
        if self._handle is not None:
            self._signal(signal.SIGKILL)
            os.close(self._handle)
            self._handle = None
        self._sock.close()

    def hear(self, timeout_s: float) -> dict[str, Any]:
        """What it says next. Raises Disturbed when it ended instead, TimeoutError when it says nothing."""
        self._sock.settimeout(timeout_s)
        return _read(self._sock.recv(MESSAGE_LIMIT_BYTES))

    def wake(self, number: int) -> None:
        """Wake it where it waits for a signal. Raises Disturbed when it has ended."""
        if not self._signal(number):
            raise Disturbed(ENDED)

    def _signal(self, number: int) -> bool:
        """Whether it was still there."""
        if self._handle is None:
            return False
        try:
            signal.pidfd_send_signal(self._handle, number)
        except ProcessLookupError:
            return False
        return True


class SpareProcesses:
    """Make it before the first thread. A context manager: leaving it ends all of them."""

    def __init__(self, roles: Mapping[str, Role]) -> None:
        self._lock = threading.Lock()
        self._started: list[SpareProcess] = []
        self._sock, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._pid = os.fork()
        if self._pid == 0:
            self._sock.close()
            _fork_on_request(theirs, roles)
        theirs.close()

    def start(self, role: str, params: Mapping[str, Any]) -> SpareProcess:
        """A new process in this role. Safe from several threads."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, self._lock:
            message = json.dumps({"role": role, "params": params}).encode()
            socket.send_fds(self._sock, [message], [theirs.fileno()])
        process = SpareProcess(ours)
        self._started.append(process)
        return process

    def __enter__(self) -> SpareProcesses:
        return self

    def __exit__(self, *exc: object) -> None:
        self._sock.close()
        for process in self._started:
            process.__exit__()
        with contextlib.suppress(ChildProcessError, ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)


def _read(message: bytes) -> dict[str, Any]:
    if not message:
        raise Disturbed(ENDED)
    answer: dict[str, Any] = json.loads(message)
    if "error" in answer:
        kind = TimeoutError if answer.get("late") else RuntimeError
        raise kind(f"the driver: {answer['error']}")
    return answer


def _fork_on_request(requests: socket.socket, roles: Mapping[str, Role]) -> None:
    """The forking process's whole life; it ends with the session."""
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, signal.SIG_DFL)
    # Ctrl-C is the session's to handle; ended children need nobody to wait for them.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    streams = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1):
        os.dup2(streams, number)
    while True:
        message, fds, _, _ = socket.recv_fds(requests, MESSAGE_LIMIT_BYTES, 1)
        if not message:
            os._exit(0)
        if os.fork() == 0:
            requests.close()
            _play(json.loads(message), socket.socket(fileno=fds[0]), roles)
        os.close(fds[0])


def _play(request: Mapping[str, Any], sock: socket.socket, roles: Mapping[str, Role]) -> None:
    """One role to its end; never returns."""
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        socket.send_fds(sock, [json.dumps({"pid": os.getpid()}).encode()], [os.pidfd_open(os.getpid())])
        roles[request["role"]](request["params"], sock)
        os._exit(0)
    except BaseException as error:
        print(f"driver: {request['role']}: {error!r}", file=sys.stderr, flush=True)
        with contextlib.suppress(OSError):
            late = isinstance(error, TimeoutError)
            sock.send(json.dumps({"error": repr(error), "late": late}).encode())
        os._exit(1)
