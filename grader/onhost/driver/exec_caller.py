"""A process of a given name that starts programs, fails to start programs, and forks."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..contract.driver_orders import ExecCaller
from ..contract.plain_data import from_plain

PROGRAM = "/bin/true"
MISSING = "/nonexistent/lab-program"


def rename(comm: str) -> None:
    """Take another name, as `ps` and bpf_get_current_comm() show it (15 bytes at most)."""
    Path("/proc/self/comm").write_bytes(comm.encode()[:15])


def play(params: Mapping[str, Any], sock: socket.socket) -> None:
    """An `ExecCaller`'s caller: does all of it, mixed, and says how many."""
    order = from_plain(ExecCaller, params)
    rename(order.caller)
    left = {"execs": order.execs, "fail_execs": order.fail_execs, "forks": order.forks}
    done = dict.fromkeys(left, 0)
    while any(left.values()):
        for kind in [kind for kind, number in left.items() if number]:
            _DO[kind]()
            left[kind] -= 1
            done[kind] += 1
    sock.send(json.dumps(done).encode())


# posix_spawn makes the child with vfork: it carries the caller's name at its execve, like a fork's child
# would, and costs a tenth of it. A program that does not exist is tried in the child: one execve that fails.
def _exec() -> None:
    pid = os.posix_spawn(PROGRAM, [PROGRAM], {})
    os.waitpid(pid, 0)


def _fail_exec() -> None:
    with contextlib.suppress(FileNotFoundError):
        os.posix_spawn(MISSING, [MISSING], {})


def _fork() -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


_DO = {"execs": _exec, "fail_execs": _fail_exec, "forks": _fork}
