"""Network namespaces: made, entered by one thread, taken away."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import TypeVar

FOLDER = Path("/run/netns")
PREFIX = "lab-tracer-"
CLONE_NEWNET = 0x40000000

T = TypeVar("T")


def ip(*words: str) -> str:
    """What `ip` prints. Raises RuntimeError with what it complains of."""
    done = subprocess.run([_path_of_ip(), *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"ip {' '.join(words)}: {done.stderr.strip()[:300]}")
    return done.stdout


def make(name: str) -> None:
    """A new one in which nothing speaks by itself: IPv6 would send frames of its own."""
    ip("netns", "add", name)

    def quiet() -> None:
        for which in ("all", "default"):
            Path(f"/proc/sys/net/ipv6/conf/{which}/disable_ipv6").write_text("1")

    if Path("/proc/sys/net/ipv6").exists():
        inside(name, quiet)


def remove(name: str) -> None:
    """Take it away, with every interface in it; harmless when it is not there."""
    if (FOLDER / name).exists():
        subprocess.run([_path_of_ip(), "netns", "del", name], capture_output=True, check=False)


def inside(name: str, work: Callable[[], T]) -> T:
    """The result of `work`, done by a thread that has joined the namespace. Sockets made there stay in it."""
    with ThreadPoolExecutor(1, initializer=_join, initargs=(FOLDER / name,)) as thread:
        return thread.submit(work).result()


def _join(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        # Python has os.setns only since 3.12.
        if ctypes.CDLL(None, use_errno=True).setns(handle, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
    finally:
        os.close(handle)


@cache
def _path_of_ip() -> str:
    return shutil.which("ip", path="/usr/sbin:/sbin:/usr/bin:/bin") or "ip"
