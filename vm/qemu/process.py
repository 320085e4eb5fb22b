"""The QEMU process: started so that it outlives the command that started it, and recognised again later."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from vm.errors import HostSetupError
from vm.programs import install_command

STOP_S = 10.0
CLOCK_STEP_S = 3.0
"""A process's start time is counted from the boot time, which moves when the clock is set."""


@dataclass(frozen=True)
class Identity:
    """Which process it is: a pid alone may be somebody else's after a crash or a reboot."""

    pid: int
    started_at: float
    """Seconds since the epoch."""
    name: str
    """Stands among its arguments."""


def identity_of(pid: int, name: str) -> Identity:
    """The identity of a process that runs now."""
    return Identity(pid, psutil.Process(pid).create_time(), name)


def is_alive(identity: Identity) -> bool:
    """Whether exactly this process still runs."""
    try:
        process = psutil.Process(identity.pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        same_start = abs(process.create_time() - identity.started_at) < CLOCK_STEP_S
        words = process.cmdline()
        # Empty for an instant while a new process becomes QEMU.
        return same_start and (not words or identity.name in words)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def kill(identity: Identity) -> None:
    """End it at once and wait until it is gone; its overlay is thrown away anyway."""
    if not is_alive(identity):
        return
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(identity.pid).kill()
    # A zombie counts as gone: it waits for a parent that may never ask.
    _wait(identity, STOP_S)


def wait_for_end(identity: Identity, limit_s: float = STOP_S) -> None:
    """After `quit`: until it is gone; killed when it takes longer than `limit_s`."""
    _wait(identity, limit_s)
    kill(identity)


def _wait(identity: Identity, limit_s: float) -> None:
    end = time.monotonic() + limit_s
    while is_alive(identity) and time.monotonic() < end:
        time.sleep(0.01)


@contextlib.contextmanager
def started(argv: Sequence[str], name: str, log: Path) -> Iterator[Identity]:
    """Start QEMU in a session of its own, its own words going to `log`.

    Leaving normally leaves it running; leaving by any exception, Ctrl-C included, kills it.
    """
    with log.open("wb") as output:
        try:
            # A session of its own: neither Ctrl-C in this terminal nor closing it reaches the machine.
            process = subprocess.Popen(
                list(argv),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        except FileNotFoundError as error:
            raise HostSetupError(f"{argv[0]} is not installed", install_command([argv[0]])) from error
    try:
        yield identity_of(process.pid, name)
    except BaseException:
        process.kill()
        process.wait()
        raise
    # Not waited for: it is meant to outlive us. This keeps Python from warning about it.
    process.returncode = 0


def own_words(log: Path) -> str:
    """What QEMU itself said, its last three lines on one."""
    try:
        lines = log.read_text(errors="replace").strip().splitlines()
    except OSError:
        return ""
    return "; ".join(lines[-3:])
