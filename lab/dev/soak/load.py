"""What makes a run hard: processes that take CPU and memory on this machine, a lab host with one CPU."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from grader.host import Host

HOG_BYTES = 256 << 20
_HOG = f"""
import os
parent = os.getppid()
memory = bytearray({HOG_BYTES})
page = bytes(len(memory) // 4096)
while os.getppid() == parent:  # not after us, however we ended
    memory[::4096] = page
"""

_CPUS = "for cpu in /sys/devices/system/cpu/cpu[1-9]*/online; do echo {} > $cpu; done"


@contextmanager
def hogs(count: int) -> Iterator[None]:
    """So many processes that never rest, each over 256 MiB of its own, gone again afterwards."""
    with ExitStack() as stack:
        for _ in range(count):
            process = subprocess.Popen([sys.executable, "-c", _HOG])
            stack.callback(process.wait)
            stack.callback(process.kill)
        yield


@contextmanager
def one_cpu(host: Host) -> Iterator[None]:
    """The lab host's other CPUs are switched off, and on again afterwards."""
    try:
        host.run(["sh", "-c", _CPUS.format(0)])
        yield
    finally:
        host.run(["sh", "-c", _CPUS.format(1)])
