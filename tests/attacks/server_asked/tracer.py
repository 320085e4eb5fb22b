# expect: probes_on_the_five_calls nothing_attached
# tries: refused
# exercise: 4
"""Asks the server, and everything that could know of it, instead of watching its calls."""

import socket
from pathlib import Path

from attempts import any_of, attempt, call, end_with
from lab_tracer import target

PID = str(target.pid)


def read(path):
    """Some of a file's text."""
    return Path(path).read_text(errors="replace")[:80]


def metrics(address):
    """The first line of the server's own numbers."""
    with socket.create_connection(address, timeout=2) as connection:
        connection.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
        return connection.recv(80)


attempt("the server's metrics", lambda: any_of([("127.0.0.1", 8002), ("172.17.0.2", 8002)], metrics))
for name in ("io", "syscall", "status", "net/tcp", "sched", "schedstat"):
    attempt(f"the server's {name}", lambda: read(f"/proc/{PID}/{name}"))
attempt("the server's files", lambda: read(f"/proc/{PID}/root/etc/hostname"))
attempt("a trace of the server", lambda: call("ptrace", 16, int(PID), 0, 0))
attempt("the server's memory", lambda: Path(f"/proc/{PID}/mem").open("rb"))
attempt("the server's container", lambda: read("/run/docker.sock"))
end_with({})
