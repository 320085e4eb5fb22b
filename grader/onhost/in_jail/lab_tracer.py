"""The plumbing of a tracer, so that your file can be about eBPF.

    import lab_tracer

    ...load your programs and attach them...
    lab_tracer.ready()              # from here on requests are sent
    lab_tracer.wait_for_stop()      # until the lab has sent all of them
    lab_tracer.report({"count": 211})

You need not use it. All it does is keep this contract: a tracer prints READY on a line of its own once it is
attached, works until SIGINT, and prints its report as one line of JSON.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import platform
import signal
import struct
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Target:
    """The server to look at: one container. Everything as the lab host sees it, not as the container does."""

    container: str
    """The container's id, empty when the exercise has no container."""
    cgroup_id: int
    """What bpf_get_current_cgroup_id() returns inside the container; 0 without one."""
    cgroup_path: str
    """The container's folder below /sys/fs/cgroup."""
    cgroup_level: int
    """What bpf_get_current_ancestor_cgroup_id() takes to give that id, also in child cgroups."""
    pid: int
    """The server process."""
    pids: tuple[int, ...]
    """All processes of the container when the tracer was started."""
    binary: str
    """Path of the server's binary: the very file that the container runs, wherever the host keeps it."""


def _target() -> Target:
    """The target as the lab names it in the environment. Variables that are not set are empty or 0."""
    number = {
        name: int(os.environ.get(f"LAB_TARGET_{name}") or 0) for name in ("CGROUP_ID", "CGROUP_LEVEL", "PID")
    }
    return Target(
        container=os.environ.get("LAB_TARGET_CONTAINER", ""),
        cgroup_id=number["CGROUP_ID"],
        cgroup_path=os.environ.get("LAB_TARGET_CGROUP_PATH", ""),
        cgroup_level=number["CGROUP_LEVEL"],
        pid=number["PID"],
        pids=tuple(int(pid) for pid in os.environ.get("LAB_TARGET_PIDS", "").split(",") if pid),
        binary=os.environ.get("LAB_TARGET_BINARY", ""),
    )


target = _target()
"""The server to look at."""


interface: str = os.environ.get("LAB_INTERFACE", "")
"""The network interface to look at, in the tracer's own network; empty when the exercise has none."""

pins: str = os.environ.get("LAB_PINS", "")
"""The folder in which eBPF objects can be pinned; empty when the exercise has none."""


_said_ready = False


def ready() -> None:
    """Say that every probe is attached. Requests are sent only after this."""
    global _said_ready
    _said_ready = True
    print("READY", flush=True)


def wait_for_stop(poll: Callable[[], object] | None = None, every_s: float = 0.1) -> None:
    """Return when the lab asks the tracer to stop (SIGINT).

    `poll` is called every `every_s` seconds until then, and once more at the end, so that nothing stays
    unread: put `bpf.ring_buffer_consume` or `lambda: bpf.perf_buffer_poll(timeout=0)` here.
    """
    stopping = False

    def stop(_signal: int, _frame: object) -> None:
        nonlocal stopping
        stopping = True
        # Raising ends the sleep at once; inside `poll` it would lose the events that poll has in its hands.
        if sleeping:
            raise KeyboardInterrupt

    sleeping = False
    before = signal.signal(signal.SIGINT, stop)
    try:
        with contextlib.suppress(KeyboardInterrupt):
            if not _said_ready:
                # Harmless where the tracer printed READY itself: the lab has read that by now. It may ask
                # to stop as soon as this is out, so `stop` is in its place before.
                print("WAITS WITHOUT READY", flush=True)
            while not stopping:
                if poll is not None:
                    poll()
                sleeping = True
                if not stopping:
                    time.sleep(every_s)
                sleeping = False
        sleeping = False
        if poll is not None:
            poll()
    finally:
        signal.signal(signal.SIGINT, before)


def pin(descriptor: int, name: str) -> str:
    """Give the program, map or attachment behind a descriptor a name in the folder `pins`; the whole path.

    bpftool can then be asked about it. It stays in the kernel until the path is deleted. Raises OSError.
    """
    path = f"{pins}/{name}"
    kept = ctypes.create_string_buffer(path.encode())
    # union bpf_attr of the order BPF_OBJ_PIN: where the path is, the descriptor, no flags.
    words = struct.pack("=QII", ctypes.addressof(kept), descriptor, 0)
    number = {"x86_64": 321, "aarch64": 280}[platform.machine()]
    if ctypes.CDLL(None, use_errno=True).syscall(number, 6, words, len(words)):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), path)
    return path


def report(document: Mapping[str, Any]) -> None:
    """Print one report: a JSON object on one line. It may be printed often; the last one is graded.

    Raises ValueError for NaN or Infinity, which JSON does not have.
    """
    print(json.dumps(document, allow_nan=False), flush=True)
