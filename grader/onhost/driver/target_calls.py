"""A process that makes an exact number of system calls while it is in the target's cgroup.

It prepares everything outside, then waits for a signal (rt_sigtimedwait, which no exercise looks at) while
the session moves it inside. There it makes the calls and nothing else, and waits again until it is outside.
"""

from __future__ import annotations

import itertools
import json
import os
import select
import signal
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..contract.driver_orders import TargetCalls
from ..contract.plain_data import from_plain
from . import calls_on_kinds
from .calls_on_kinds import refused
from .exec_caller import rename

GO = signal.SIGUSR1
OUT = signal.SIGUSR2


def play(params: Mapping[str, Any], sock: socket.socket) -> None:
    """Makes the calls of a `TargetCalls`; each returns what its maker says."""
    order = from_plain(TargetCalls, params)
    signal.pthread_sigmask(signal.SIG_BLOCK, {GO, OUT})
    if order.comm:
        rename(order.comm)
    makers = _makers()
    if not order.calls.keys() <= makers.keys():
        makers |= calls_on_kinds.makers()
    work = [(makers[name], number) for name, number in order.calls.items()]
    sock.send(json.dumps({"prepared": True}).encode())
    signal.sigwait({GO})
    done = [_make(call, number) for call, number in work]
    # Nobody can be told from inside: a message would be a call more. The session looks for the second wait.
    signal.sigwait({OUT})
    sock.send(json.dumps(dict(zip(order.calls, done, strict=True))).encode())


def waits_for_signal(pid: int) -> bool:
    """Whether a process is in sigwait and not on its way there."""
    try:
        return "sigtimedwait" in Path(f"/proc/{pid}/wchan").read_text()
    except OSError:
        return False


def _make(call: Callable[[], object], number: int) -> int:
    for _ in itertools.repeat(None, number):
        call()
    return number


def _makers() -> dict[str, Callable[[], object]]:
    """Name -> a function that makes exactly this system call once and succeeds however often it is called."""
    zeros = os.open("/dev/zero", os.O_RDONLY)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    byte = b"."
    room = [bytearray(1)]
    here, there = socket.socketpair()
    there.send(byte)
    # What is sent to a datagram socket that nobody reads is dropped in the end; the call still succeeds.
    unread = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    unread.bind(("127.0.0.1", 0))
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    out.connect(unread.getsockname())
    waiting = select.epoll()
    waiting.register(here.fileno(), select.EPOLLIN)
    peek = socket.MSG_PEEK
    dry, dry_in = os.pipe2(os.O_NONBLOCK)
    quiet, quiet_in = socket.socketpair()
    quiet.setblocking(False)
    idle = select.epoll()
    keep = (there, unread, dry_in, quiet_in)
    return {
        "read": lambda: os.read(zeros, 1),
        "readv": lambda: os.readv(zeros, room),
        "write": lambda: os.write(nowhere, byte),
        "writev": lambda: os.writev(nowhere, [byte]),
        "recvfrom": lambda: here.recv(1, peek),
        "recvmsg": lambda: here.recvmsg(1, 0, peek),
        "sendto": lambda: out.send(byte) if keep else None,
        "sendmsg": lambda: out.sendmsg([byte]),
        "epoll_wait": lambda: waiting.poll(0),
        # The same calls without data: a tracer that takes every return for data must show.
        "readv_failing": lambda: refused(lambda: os.readv(dry, room)),
        "writev_failing": lambda: refused(lambda: os.writev(zeros, [byte])),
        "recvfrom_failing": lambda: refused(lambda: quiet.recv(1)),
        "sendto_failing": lambda: refused(lambda: unread.send(byte)),
        "epoll_wait_empty": lambda: idle.poll(0),
    }
