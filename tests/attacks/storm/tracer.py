# expect: calls_of_each_caller callers_unknown
# alone: it would disturb whoever shares its run
"""Calls execve as fast as it can, from several processes and long before READY, to fill the recorders."""

import os
from pathlib import Path

from bcc import BPF
from lab_tracer import ready, report, wait_for_stop

bpf = BPF(src_file=str(Path(__file__).with_name("tracer.bpf.c")))

bpf.attach_kprobe(event=bpf.get_syscall_fnname("execve"), fn_name="count_exec")
for _ in range(4):
    if os.fork() == 0:
        while True:
            try:
                os.execv("/nonexistent", ["storm"])
            except OSError:
                pass
ready()
wait_for_stop()
report({"counts": {"coral-newt": 66, "lilac-ibis": 42}})
