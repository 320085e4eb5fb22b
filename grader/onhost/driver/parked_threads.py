"""Threads inside the target's cgroup that enter epoll_wait and stay there until they are woken.

They are what uses up a return probe's room: only threads that enter the call after the probe was attached do.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..contract.plain_data import from_plain
from .exec_caller import rename
from .target_calls import GO, OUT

SLEEPING_IN = ("do_epoll_wait", "ep_poll")
"""The kernel's function behind the call, by how it was compiled."""


@dataclass(frozen=True)
class Parking:
    """Where how many threads are to wait."""

    fifo: str
    threads: int


def play(params: Mapping[str, Any], sock: socket.socket) -> None:
    """The threads of a `Parking`: a signal lets them go, a byte from outside wakes them."""
    parking = from_plain(Parking, params)
    signal.pthread_sigmask(signal.SIG_BLOCK, {GO, OUT})
    rename("parked")
    fifo = os.open(parking.fifo, os.O_RDONLY | os.O_NONBLOCK)
    gate = threading.Event()
    threads = [threading.Thread(target=_wait, args=(gate, _epoll_on(fifo))) for _ in range(parking.threads)]
    for thread in threads:
        thread.start()
    sock.send(json.dumps({"prepared": True}).encode())
    signal.sigwait({GO})
    gate.set()
    for thread in threads:
        thread.join()
    signal.sigwait({OUT})


def _epoll_on(fifo: int) -> select.epoll:
    waiting = select.epoll()
    waiting.register(fifo, select.EPOLLIN)
    return waiting


def _wait(gate: threading.Event, waiting: select.epoll) -> None:
    gate.wait()
    waiting.poll()


def number_parked(pid: int) -> int:
    """How many threads of the process sleep in epoll_wait."""
    found = 0
    for task in Path(f"/proc/{pid}/task").glob("*/wchan"):
        try:
            found += task.read_text() in SLEEPING_IN
        except OSError:
            continue
    return found
