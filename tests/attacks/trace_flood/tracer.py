# expect: calls_of_each_caller callers_unknown
# alone: it would disturb whoever shares its run
"""Floods the kernel's trace buffer, and leaves a process that would go on for ever."""

import os
import time
from pathlib import Path

from bcc import BPF
from lab_tracer import ready, report, wait_for_stop

bpf = BPF(src_file=str(Path(__file__).with_name("tracer.bpf.c")))

bpf.attach_kprobe(event=bpf.get_syscall_fnname("execve"), fn_name="count_exec")
bpf.attach_kprobe(event="vfs_read", fn_name="flood")
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while True:
            time.sleep(1)
    os._exit(0)
ready()
wait_for_stop()
report({"counts": {"coral-newt": 66, "lilac-ibis": 42}})
