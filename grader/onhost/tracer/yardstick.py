"""How much CPU time a tracer may well take on this host right now: what one of ours takes beside it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

SOURCE = Path(__file__).with_name("yardstick.bcc.c")
WORK = """
import sys
from bcc import BPF
bpf = BPF(src_file=sys.argv[1])
for name in ("setdomainname", "pivot_root", "reboot", "settimeofday", "sethostname"):
    function = bpf.get_syscall_fnname(name)
    bpf.attach_kretprobe(event=function, fn_name="return_" + name)
    bpf.attach_kprobe(event=function, fn_name="enter_" + name)
"""
"""As much as exercise 4 asks for, at functions that hardly anybody calls."""
LIMIT_S = 600


class Yardstick:
    """Measured at most once, when somebody asks: most tracers are ready long before that is worth it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cpu_s = 0.0

    def cpu_s(self) -> float:
        """CPU time of compiling, loading and attaching. Safe from several threads, which wait for the same.

        Raises RuntimeError when it fails.
        """
        with self._lock:
            self._cpu_s = self._cpu_s or measured_cpu_s([sys.executable, "-c", WORK, str(SOURCE)])
            return self._cpu_s


def measured_cpu_s(argv: list[str]) -> float:
    """CPU time of this command and of all that it waited for. Raises RuntimeError when it fails."""
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(argv, stdin=quiet, stdout=quiet, stderr=quiet)
    limit = threading.Timer(LIMIT_S, process.kill)
    limit.start()
    try:
        _, status, used = os.wait4(process.pid, 0)
    finally:
        limit.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"the lab's own tracer did not load (exit code {process.returncode})")
    return used.ru_utime + used.ru_stime
