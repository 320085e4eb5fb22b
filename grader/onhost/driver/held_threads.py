"""Threads of a server that wait in epoll_wait, held there until it has accepted some connections.

Triton gives a new connection to the first of its threads that has nothing to read, so one thread gets all
that come one by one. Held threads leave unread what they were given: each connection goes to another thread.
To hold is to trace: nothing changes for the thread but that its epoll_wait returns EINTR, and when this
process ends, however it ends, the kernel lets go.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import socket
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..contract.driver_orders import Held, HoldThreads, Released
from ..contract.plain_data import from_plain, to_plain
from ..contract.syscall_numbers import numbers

SEIZE, INTERRUPT, DETACH = 0x4206, 0x4207, 17
WAIT_ALL = 0x40000000
"""waitpid's __WALL: threads of other processes too."""
LISTENING = "0A"
SETTLED_S = 0.02
"""A thread that has just finished something is waiting by then."""
PATIENCE_S = 30.0


def play(params: Mapping[str, Any], sock: socket.socket) -> None:
    """Holds the threads of a `HoldThreads` until the process has accepted its connections."""
    order = from_plain(HoldThreads, params)
    with held(order.pid) as threads:
        before = open_files(order.pid)
        sock.send(json.dumps(to_plain(Held(threads))).encode())
        deadline = time.monotonic() + PATIENCE_S
        while (accepted := open_files(order.pid) - before) < order.connections:
            if time.monotonic() > deadline:
                raise TimeoutError(f"the server accepted {accepted} of {order.connections} connections")
            time.sleep(0.005)
    sock.send(json.dumps(to_plain(Released(accepted))).encode())


@contextlib.contextmanager
def held(pid: int) -> Iterator[int]:
    """Hold the threads of a process that wait in epoll_wait, but those that accept connections; how many."""
    threads: list[int] = []
    try:
        for _ in range(2):
            for thread in waiting_threads(pid):
                if thread not in threads and _hold(thread):
                    threads.append(thread)
            time.sleep(SETTLED_S)
        yield len(threads)
    finally:
        for thread in threads:
            with contextlib.suppress(OSError):
                _ptrace(DETACH, thread)


def waiting_threads(pid: int) -> list[int]:
    """The threads of a process that sleep in epoll_wait, without those that wait for new connections."""
    calls = {str(number) for name, number in numbers().items() if name in ("epoll_wait", "epoll_pwait")}
    doors = _listening_sockets(pid)
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):
            number, *arguments = (task / "syscall").read_text().split()
            if number in calls and not _watches(pid, int(arguments[0], 16), doors):
                found.append(int(task.name))
    return found


def open_files(pid: int) -> int:
    """How many descriptors a process has."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def _watches(pid: int, epoll: int, sockets: set[str]) -> bool:
    """Whether an epoll descriptor of a process is asked about one of these sockets."""
    lines = Path(f"/proc/{pid}/fdinfo/{epoll}").read_text().splitlines()
    watched = [line.split()[1] for line in lines if line.startswith("tfd:")]
    return any(str(Path(f"/proc/{pid}/fd/{one}").readlink()) in sockets for one in watched)


def _listening_sockets(pid: int) -> set[str]:
    """The TCP sockets of a process's network on which somebody listens, as /proc/PID/fd names them."""
    found = set()
    for table in ("tcp", "tcp6"):
        with contextlib.suppress(FileNotFoundError):
            rows = Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]
            found |= {f"socket:[{row.split()[9]}]" for row in rows if row.split()[3] == LISTENING}
    return found


def _hold(thread: int) -> bool:
    """Whether it stands still now; one that has ended since it was looked at does not. Raises OSError."""
    try:
        _ptrace(SEIZE, thread)
        _ptrace(INTERRUPT, thread)
        _, status = os.waitpid(thread, WAIT_ALL)
    except OSError:
        if _has_ended(thread):
            return False
        raise
    return os.WIFSTOPPED(status)


def _has_ended(thread: int) -> bool:
    try:
        # The name, in parentheses, may hold spaces.
        return Path(f"/proc/{thread}/stat").read_text().rpartition(")")[2].split()[0] in "XZ"
    except OSError:
        return True


def _ptrace(request: int, thread: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(ctypes.c_long(request), ctypes.c_long(thread), ctypes.c_void_p(0), ctypes.c_void_p(0)) < 0:
        raise OSError(ctypes.get_errno(), f"tracing thread {thread}: {os.strerror(ctypes.get_errno())}")
