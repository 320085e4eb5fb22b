# expect: kprobe_on_execve nothing_attached
# tries: refused
"""Asks the server, the host and the world over the network."""

import socket
from pathlib import Path

from attempts import attempt, call, end_with

for port in (22, 2375, 8000, 8001, 8002):
    attempt(f"127.0.0.1:{port}", lambda: socket.create_connection(("127.0.0.1", port), 2))
for address in ("10.0.2.2", "10.0.2.3", "172.17.0.1", "172.17.0.2"):
    attempt(f"{address}:22", lambda: socket.create_connection((address, 22), 2))
attempt("a datagram", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"?", ("10.0.2.3", 53)))
attempt("a name", lambda: socket.getaddrinfo("deb.debian.org", 80))
attempt("raw packets", lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW).send(b"?"))
attempt("the host's network", lambda: call("setns", Path("/proc/1/ns/net").open().fileno(), 0))
end_with({})
