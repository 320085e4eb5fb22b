"""A server that gives out connections as Triton does: to the first thread that has nothing to read.

Prints its port, then the number of the thread that took each connection, a line each, in the order taken.
"""

from __future__ import annotations

import array
import fcntl
import os
import select
import socket
import sys
import termios
import threading

THREADS = 3


def waiting_bytes(sock: socket.socket) -> int:
    """How much could be read at once."""
    number = array.array("i", [0])
    fcntl.ioctl(sock, termios.FIONREAD, number)
    return number[0]


def take(number: int, inbox: socket.socket) -> None:
    """One thread's life."""
    poll = select.epoll()
    poll.register(inbox, select.EPOLLIN)
    while True:
        for _ in poll.poll():
            inbox.recv(1)
            # In one write: print() makes two, and another thread's may come between.
            os.write(sys.stdout.fileno(), f"{number}\n".encode())


def main() -> None:
    """Accept until the end."""
    pairs = [socket.socketpair() for _ in range(THREADS)]
    for number, (inbox, _) in enumerate(pairs):
        threading.Thread(target=take, args=(number, inbox), daemon=True).start()
    door = socket.create_server(("127.0.0.1", 0))
    poll = select.epoll()
    poll.register(door, select.EPOLLIN)
    print(door.getsockname()[1], flush=True)
    kept = []
    while True:
        poll.poll()
        kept.append(door.accept())
        outbox = next((out for inbox, out in pairs if not waiting_bytes(inbox)), pairs[0][1])
        outbox.send(b".")


if __name__ == "__main__":
    main()
