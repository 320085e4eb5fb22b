# expect: kprobe_on_execve nothing_attached
# tries: refused
"""Raises its own limits, takes memory that is nobody's, and makes others wait."""

import contextlib
import ctypes
import fcntl
import mmap
import os
import resource
import struct
from pathlib import Path

from attempts import any_of, attempt, call, end_with

KEPT = []
PAGE = mmap.PAGESIZE


def perf_buffers(pages, number):
    """So many buffers of so many pages."""
    for _ in range(number):
        attribute = ctypes.create_string_buffer(struct.pack("=IIQ", 1, 128, 10).ljust(128, b"\0"), 128)
        KEPT.append(mmap.mmap(call("perf_event_open", attribute, -1, 0, -1, 0), PAGE * (1 + pages)))


attempt("a perf buffer of 64 MiB", lambda: perf_buffers(16384, 1))
attempt("perf buffers of 32 MiB together", lambda: perf_buffers(256, 32))
NEVER = resource.RLIM_INFINITY
attempt("locked memory", lambda: resource.setrlimit(resource.RLIMIT_MEMLOCK, (NEVER, NEVER)))
attempt("open files", lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (2**19, 2**19)))
attempt("2,000 open files", lambda: [os.dup(0) for _ in range(2000)])
for copy in range(max(100, len(KEPT) + 50), 1024):
    with contextlib.suppress(OSError):
        os.close(copy)
attempt("others die first", lambda: Path("/proc/self/oom_score_adj").write_text("-1000"))
attempt("its own limit of memory", lambda: Path("/sys/fs/cgroup/system.slice/memory.max").write_text("max"))
attempt("a higher priority", lambda: os.setpriority(os.PRIO_PROCESS, 0, -20))
attempt("real time", lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)))


def lease(path):
    """Whoever opens the file waits, for 45 seconds."""
    descriptor = os.open(path, os.O_RDONLY)
    fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_WRLCK)


attempt("a lease", lambda: any_of(("/usr/bin/true", "/usr/sbin/bpftool"), lease))
end_with({})
