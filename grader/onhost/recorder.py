"""The resident recorder: one request a connection, a line of JSON each way, then the recorded bytes.

systemd hands over the listening socket (lab-recorder.socket), so a request that comes while the programs
still load simply waits. systemd hears how the start goes (start_watch.py).

Requests: {"do": "on", cgroup_id, cgroup_level, syscalls, whole_host, tasks, fds,
functions, binary}, {"do": "enclose"} (tracers are attached now), {"do": "read"}, {"do": "moved"},
{"do": "off"}, {"do": "refused"} (by the gate).
Answers: {"ok": true, "instance": ..., ...} or {"ok": false, "error": ...}.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import struct
import sys
import time
from pathlib import Path
from typing import Any

from . import own_programs
from .cannot_start import CannotStart
from .gate import Gate
from .libbpf import LoadFailed
from .recorder_programs import RecorderPrograms
from .start_watch import StartWatch

LISTEN_FD = 3
EXIT_FOR_GOOD = 78
"""Another try would end the same way. As in lab-recorder.service."""
REQUEST_LIMIT_BYTES = 64 * 1024
INSTANCE = f"{os.getpid()}-{time.monotonic_ns()}"
"""Tells a client that this is still the recorder it switched on."""


def main() -> int:
    """Load, tell systemd, serve until SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    listener = socket.socket(fileno=LISTEN_FD)
    listener.setblocking(True)
    try:
        with StartWatch(_tell_systemd) as watch:
            own = own_programs.start(Path(os.environ["CACHE_DIRECTORY"]), watch.step)
    except CannotStart as error:
        print(f"recorder: {error}", file=sys.stderr)
        return EXIT_FOR_GOOD
    except LoadFailed as error:
        print(f"recorder: {error}", file=sys.stderr)
        return 1
    programs, gate = RecorderPrograms(own), Gate(own)
    if gate.why_open:
        print(f"gate: {gate.why_open}", file=sys.stderr, flush=True)
    _tell_systemd("READY=1\nSTATUS=ready")
    while True:
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(30)
            try:
                _serve(connection, programs, gate)
            except (OSError, ValueError) as error:
                print(f"recorder: {error}", file=sys.stderr, flush=True)


def _serve(connection: socket.socket, programs: RecorderPrograms, gate: Gate) -> None:
    if _peer_uid(connection) != 0:
        return
    request = json.loads(_read_line(connection))
    parts: list[bytes] = []
    try:
        answer, parts = _carry_out(programs, gate, request)
    except OSError as error:
        answer = {"ok": False, "error": str(error)}
    except (KeyError, ValueError, TypeError) as error:
        answer = {"ok": False, "error": str(error), "broken": True}
    connection.sendall(json.dumps({**answer, "instance": INSTANCE}).encode() + b"\n")
    for part in parts:
        connection.sendall(part)


def _carry_out(
    programs: RecorderPrograms, gate: Gate, request: dict[str, Any]
) -> tuple[dict[str, Any], list[bytes]]:
    match request.get("do"):
        case "on":
            gate.forget()
            programs.on(request)
            return {"ok": True, "gate_open": gate.why_open, "functions": programs.functions}, []
        case "enclose":
            programs.enclose()
            return {"ok": True}, []
        case "off":
            programs.off()
            return {"ok": True}, []
        case "refused":
            return {"ok": True, "refused": gate.refused()}, []
        case "moved":
            return {"ok": True, "moved": programs.moved()}, []
        case "read":
            functions = programs.functions
            cost = programs.cost()
            heads, parts = programs.read()
            return {"ok": True, "mechanisms": heads, "functions": functions, "cost": cost}, parts
        case other:
            raise ValueError(f"unknown request {other!r}")


def _peer_uid(connection: socket.socket) -> int:
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    return int(struct.unpack("=iII", credentials)[1])


def _read_line(connection: socket.socket) -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        chunk = connection.recv(4096)
        if not chunk or len(line) > REQUEST_LIMIT_BYTES:
            raise ValueError("a request that is no line")
        line += chunk
    return line


def _tell_systemd(state: str) -> None:
    address = os.environ.get("NOTIFY_SOCKET")
    if address:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.sendto(state.encode(), "\0" + address[1:] if address.startswith("@") else address)


if __name__ == "__main__":
    sys.exit(main())
