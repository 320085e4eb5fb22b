"""Makes a template: warms a machine booted from cold, saves it, keeps half-made ones out of sight."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import psutil

from vm.embedded_host import VmHost
from vm.folders import require_free
from vm.machine_state import Running
from vm.qemu import boot
from vm.qemu.agent import AgentFailed
from vm.qemu.monitor import MonitorFailed
from vm.qemu.template import Template, finish_template

NEEDED_BYTES = 3 * 2**30
"""Memory file, disk and what comes on top while it runs."""
# What makes a tracer's first start slow: untouched Python, clang, headers and kernel symbols.
WARM_PROGRAM = """
from bcc import BPF
b = BPF(text='#include <uapi/linux/ptrace.h>\\nint warm(struct pt_regs *ctx) { return 0; }')
b.attach_kprobe(event=b.get_syscall_fnname("getpgid"), fn_name="warm")
"""


def warm(host: VmHost) -> None:
    """Touch what every exercise touches, so that it is in the saved machine's memory."""
    host.work(["python3", "-c", WARM_PROGRAM])
    host.work(["docker", "ps"], ["docker.service"])
    host.work(["bpftool", "-j", "prog", "show"])


@contextlib.contextmanager
def working_folder(templates: Path, key: str) -> Iterator[Path]:
    """A folder to make a template in; gone afterwards unless it was given its name."""
    for left in templates.glob("*.making-*"):
        # Whoever made it was killed: one that ends in any other way takes its folder along.
        if not psutil.pid_exists(int(left.name.rpartition("-")[2])):
            shutil.rmtree(left, ignore_errors=True)
    require_free(templates, NEEDED_BYTES, "saving a prepared machine")
    work = templates / f"{key}.making-{os.getpid()}"
    work.mkdir()
    try:
        yield work
    finally:
        # A machine that could not be captured goes on with its open files.
        shutil.rmtree(work, ignore_errors=True)


def captured(running: Running, sockets: Path, work: Path, templates: Path, key: str) -> Template | None:
    """Save the machine and end it; None when this QEMU cannot, and then the machine runs on."""
    try:
        boot.settle(sockets, running.accel)
        boot.capture(running.process, sockets, work / "state")
    except (MonitorFailed, AgentFailed):
        return None
    return finish_template(work, templates, key, running.image)
