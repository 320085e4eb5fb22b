"""System calls on descriptors of every kind, for the process that `target_calls` moves into the target."""

from __future__ import annotations

import contextlib
import os
import select
import socket
from collections.abc import Callable


def makers() -> dict[str, Callable[[], object]]:
    """Name -> a function that makes exactly this system call once, and always with the same result.

    A name says the call, on what, and whether it fails. Up to 200 times each: some fill or empty a buffer.
    """
    byte, room = b".", [bytearray(1)]
    stock, stock_in = os.pipe()
    os.write(stock_in, bytes(1_000))
    dry, dry_in = os.pipe2(os.O_NONBLOCK)
    full, full_in = os.pipe2(os.O_NONBLOCK)
    over, over_in = os.pipe()
    os.close(over_in)
    counter = os.eventfd(1, os.EFD_NONBLOCK | os.EFD_SEMAPHORE)
    spent = os.eventfd(0, os.EFD_NONBLOCK)
    rung = os.eventfd(1_000, os.EFD_SEMAPHORE)
    near, far = socket.socketpair()
    far.send(bytes(1_000))
    quiet, quiet_in = socket.socketpair()
    quiet.setblocking(False)
    unconnected = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    idle = select.epoll()
    # On an address of their own, so that nobody is in the way.
    server, client = _both_sides(socket.AF_INET, "127.80.0.1", 8_000)
    # An IPv4 address in the words of IPv6: a host without addresses of IPv6 has this one too.
    server6, client6 = _both_sides(socket.AF_INET6, "::ffff:127.0.0.1", 0)
    keep = (stock_in, dry_in, full, far, quiet_in, server, server6)
    return {
        # With data.
        "read_pipe": lambda: os.read(stock, 1),
        "readv_pipe": lambda: os.readv(stock, room),
        "write_pipe": lambda: os.write(full_in, byte),
        "writev_pipe": lambda: os.writev(full_in, [byte]),
        "read_eventfd": lambda: os.read(rung, 8),
        "write_eventfd": lambda: os.eventfd_write(counter, 1),
        "read_unix": lambda: os.read(near.fileno(), 1),
        "write_unix": lambda: os.write(near.fileno(), byte),
        "sendmsg_unix": lambda: near.sendmsg([byte]) if keep else None,
        # Without: EAGAIN, nothing there yet.
        "read_pipe_failing": lambda: refused(lambda: os.read(dry, 1)),
        "read_eventfd_failing": lambda: refused(lambda: os.read(spent, 8)),
        "recvmsg_unix_failing": lambda: refused(lambda: quiet.recvmsg(1)),
        # Without: 0, the end of a pipe.
        "read_pipe_ended": lambda: os.read(over, 1),
        # Without, by other errors: EBADF, EINVAL, ENOTCONN.
        "write_pipe_refused": lambda: refused(lambda: os.write(stock, byte)),
        "write_eventfd_refused": lambda: refused(lambda: os.write(counter, byte)),
        "sendto_unix_refused": lambda: refused(lambda: unconnected.send(byte)),
        # Only alike: another anonymous file, a port of the other side, another port over IPv6.
        "read_epoll_refused": lambda: refused(lambda: os.read(idle.fileno(), 8)),
        "sendto_port_8000": lambda: client.send(byte),
        "sendto_ipv6": lambda: client6.send(byte),
    }


def _both_sides(family: int, address: str, port: int) -> tuple[socket.socket, socket.socket]:
    """A datagram socket with this port (0: any), and one whose other side it is. What comes is never read."""
    server = socket.socket(family, socket.SOCK_DGRAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((address, port))
    client = socket.socket(family, socket.SOCK_DGRAM)
    client.connect(server.getsockname())
    return server, client


def refused(call: Callable[[], object]) -> None:
    """Make a call that the kernel refuses."""
    with contextlib.suppress(OSError):
        call()
