"""A TCP port of a lab host, reachable on this machine's loopback through the open ssh connection."""

from __future__ import annotations

import contextlib
import socket
import threading

import paramiko

CHUNK_BYTES = 64 * 1024


class Tunnel:
    """Listens on a free port of 127.0.0.1 and carries each connection to `port` of the lab host's loopback.

    fabric's own tunnel wants the local port chosen beforehand (a race with other programs) and waits in
    steps between bytes; this one lets the kernel choose and blocks.
    """

    def __init__(self, transport: paramiko.Transport, port: int) -> None:
        self._transport = transport
        self._port = port
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        threading.Thread(target=self._accept, daemon=True, name=f"lab-tunnel-{port}").start()

    @property
    def address(self) -> tuple[str, int]:
        """Host and port on this machine."""
        host, port = self._listener.getsockname()[:2]
        return str(host), int(port)

    def close(self) -> None:
        """Stop listening; open connections end with the ssh connection."""
        # shutdown wakes the accept that a plain close would leave waiting
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, peer = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(near, peer), daemon=True).start()

    def _carry(self, near: socket.socket, peer: tuple[str, int]) -> None:
        with near:
            near.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                far = self._transport.open_channel(
                    "direct-tcpip", ("127.0.0.1", self._port), peer, timeout=30
                )
            except (paramiko.SSHException, EOFError, OSError):
                return  # nobody listens there: the caller sees its connection closed
            with far:
                back = threading.Thread(target=_pump, args=(far, near), daemon=True)
                back.start()
                _pump(near, far)
                back.join()


def _pump(source: socket.socket | paramiko.Channel, sink: socket.socket | paramiko.Channel) -> None:
    try:
        while data := source.recv(CHUNK_BYTES):
            sink.sendall(data)
    except (OSError, EOFError):
        pass
    finally:
        # an end in one direction is passed on, the other direction may still have bytes
        with contextlib.suppress(OSError, EOFError):
            if isinstance(sink, socket.socket):
                sink.shutdown(socket.SHUT_WR)
            else:
                sink.shutdown_write()
