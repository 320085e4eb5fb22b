"""The resident recorder: one request a connection, a line of JSON each way; behind the answer to `Read`
what was noted.

systemd hands over the listening socket (lab-recorder.socket), so a request that comes while the programs
still load simply waits. systemd hears how the start goes (start_watch.py).

A request is an `Asked`, the answer to it a `Reply`.
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

from ..contract import recording_file
from ..contract.kind_of_failure import Kind
from ..contract.messages import Asked, Message, from_line
from ..contract.order import Nothing
from ..contract.plain_data import to_plain
from ..contract.recorder_orders import RecorderEnclose, RecorderIsOn, RecorderOff, RecorderOn
from . import own_programs
from .cannot_start import CannotStart
from .gate import Gate
from .libbpf import LoadFailed
from .programs import RecorderPrograms
from .questions import AskMoved, AskRefused, Cost, Moved, Read, Refused, Reply
from .start_watch import StartWatch

ORDERS = {kind.name: kind for kind in (RecorderOn, RecorderEnclose, RecorderOff, AskMoved, AskRefused, Read)}

LISTEN_FD = 3
EXIT_FOR_GOOD = 78
"""Another try would end the same way. As in lab-recorder.service."""
REQUEST_LIMIT_BYTES = 64 * 1024
INSTANCE = f"{os.getpid()}-{time.monotonic_ns()}"
"""See `Reply`."""


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
    asked = from_line(_read_line(connection).decode())
    parts: list[bytes] = []
    try:
        answer, parts = _carry_out(programs, gate, asked)
        reply = Reply(INSTANCE, to_plain(answer))
    except OSError as error:
        reply = Reply(INSTANCE, error=str(error) or repr(error))
    except ValueError as error:
        reply = Reply(INSTANCE, error=str(error) or repr(error), kind=Kind.BROKEN)
    connection.sendall(json.dumps(to_plain(reply)).encode() + b"\n")
    for part in parts:
        connection.sendall(part)


def _carry_out(programs: RecorderPrograms, gate: Gate, asked: Message) -> tuple[object, list[bytes]]:
    """The answer, and what comes behind it. Raises ValueError, OSError."""
    if not isinstance(asked, Asked) or asked.order not in ORDERS:
        raise ValueError(f"unknown request {asked}")
    match ORDERS[asked.order].of(asked.params):
        case RecorderOn() as wish:
            gate.forget()
            functions = programs.on(wish)
            return RecorderIsOn((gate.why_open,) if gate.why_open else (), functions), []
        case RecorderEnclose():
            programs.enclose()
        case RecorderOff():
            programs.off()
        case AskMoved():
            return Moved(programs.moved()), []
        case AskRefused():
            return Refused(gate.refused()), []
        case Read():
            cost, functions = programs.cost(), programs.functions
            return Cost(cost), recording_file.parts(programs.read(), functions)
    return Nothing(), []


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
