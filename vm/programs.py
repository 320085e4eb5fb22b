"""Runs programs of this machine that make or start a lab host, and names the package of a missing one."""

from __future__ import annotations

import os
import queue
import shutil
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import IO

from vm.errors import HostSetupError, Stalled
from vm.progress_watch import STALL_S, Watch, signs_of_program
from vm.side_by_side import require_wanted

PACKAGE_OF = {
    "mmdebstrap": "mmdebstrap",
    "mke2fs": "e2fsprogs",
    "qemu-img": "qemu-utils",
    "qemu-system-x86_64": "qemu-system-x86",
    "newuidmap": "uidmap",
    "zstd": "zstd",
    "xz": "xz-utils",
    "ssh": "openssh-client",
}
"""Program -> the Debian package that brings it, where the names differ or it is ours to name."""
OTHER_MANAGERS = {
    "dnf": ("dnf install", {"qemu-system-x86_64": "qemu-system-x86-core", "qemu-img": "qemu-img"}),
    "pacman": ("pacman -S", {"qemu-system-x86_64": "qemu-system-x86", "qemu-img": "qemu-img"}),
    "zypper": ("zypper install", {"qemu-system-x86_64": "qemu-x86", "qemu-img": "qemu-img"}),
}
"""Package managers besides apt: how they install, and how they call the package of a program."""
ELSEWHERE = "lab up --host ssh://root@DEBIAN-13-MACHINE"
LINES_KEPT = 12
NO_SPACE = "No space left on device"
"""What every program says of a full disk (its error 28)."""
STOP_S = 60.0
"""For tidying up after itself: mmdebstrap removes what it has unpacked."""


def require_programs(*names: str) -> None:
    """Raise HostSetupError with the command that installs what is missing."""
    missing = [name for name in names if shutil.which(name, path=search_path()) is None]
    if missing:
        are = "are" if len(missing) > 1 else "is"
        raise HostSetupError(f"{', '.join(missing)} {are} not installed", install_command(missing))


def package_manager() -> str:
    """The one we know the words of; empty when there is none."""
    return next((name for name in ("apt-get", *OTHER_MANAGERS) if shutil.which(name)), "")


def install_command(programs: Sequence[str], manager: str | None = None, *, root: bool | None = None) -> str:
    """What a person types to install these programs here; another lab host where nobody can tell."""
    manager = package_manager() if manager is None else manager
    sudo = "" if (os.geteuid() == 0 if root is None else root) else "sudo "
    if manager == "apt-get":
        packages = " ".join(sorted({PACKAGE_OF.get(name, name) for name in programs}))
        return f"{sudo}apt-get install --no-install-recommends {packages}"
    if manager not in OTHER_MANAGERS:
        return ELSEWHERE
    words, names = OTHER_MANAGERS[manager]
    return f"{sudo}{words} {' '.join(sorted({names.get(name, name) for name in programs}))}"


def search_path() -> str:
    """PATH with the system administrator's folders, which a user's often lacks."""
    return os.environ.get("PATH", os.defpath) + ":/usr/local/sbin:/usr/sbin:/sbin"


def run_program(
    argv: Sequence[str],
    purpose: str,
    on_line: Callable[[str], None] = lambda _line: None,
    environment: Mapping[str, str] | None = None,
    *,
    hint: str = "lab doctor",
    clock: Callable[[], float] = time.monotonic,
    look_every_s: float = 1.0,
) -> None:
    """Run to the end, each line of output given to `on_line`; ended with us, also on Ctrl-C.

    It may take as long as it likes while it prints, writes or uses CPU. Raises HostSetupError with the last
    lines of output when it fails, Stalled when it has stopped moving.
    """
    last: deque[str] = deque(maxlen=LINES_KEPT)
    try:
        process = subprocess.Popen(
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env=dict(environment) if environment is not None else None,
        )
    except OSError as error:
        raise HostSetupError(f"{purpose} failed: {argv[0]}: {error.strerror}", "lab doctor") from error
    try:
        # A line counts as well: every one starts the waiting anew.
        watch = Watch(signs_of_program(process.pid), STALL_S, clock)
        for line in _lines(process, look_every_s):
            require_wanted()
            if line is not None:
                last.append(line)
                on_line(line)
                watch = Watch(signs_of_program(process.pid), STALL_S, clock)
            elif not watch.moving():
                told = "".join(f"\n  {line}" for line in last) or " nothing"
                still = f"{purpose} hangs: {argv[0]} did nothing for {STALL_S:.0f} s and was ended"
                raise Stalled(f"{still}; it said last:{told}", hint)
        code = process.wait()
    finally:
        _stop(process)
    if code != 0 and any(NO_SPACE in line for line in last):
        raise HostSetupError(f"{purpose} failed: the disk is full", "lab gc; df -h")
    if code != 0:
        shown = "\n  ".join(line for line in last if line)
        raise HostSetupError(f"{purpose} failed ({argv[0]}, exit code {code}):\n  {shown}", hint)


def _lines(process: subprocess.Popen[str], look_every_s: float) -> Iterator[str | None]:
    """What it prints, line by line to the end; None whenever nothing came for `look_every_s`."""
    assert process.stdout is not None
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def read(stream: IO[str]) -> None:
        # Closed here: another thread that closes it would wait for this one.
        with stream:
            for line in stream:
                lines.put(line.rstrip())
        lines.put(None)

    threading.Thread(target=read, args=(process.stdout,), daemon=True).start()
    while True:
        try:
            line = lines.get(timeout=look_every_s)
        except queue.Empty:
            yield None
            continue
        if line is None:
            return
        yield line


def _stop(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
