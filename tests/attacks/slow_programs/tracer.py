# expect: calls_of_each_caller callers_unknown
# alone: it would disturb whoever shares its run
"""Programs that take long, on functions that everybody calls, and twenty processes that never rest."""

import os
from pathlib import Path

from bcc import BPF
from lab_tracer import ready, report, wait_for_stop

bpf = BPF(src_file=str(Path(__file__).with_name("tracer.bpf.c")))

bpf.attach_kprobe(event=bpf.get_syscall_fnname("execve"), fn_name="count_exec")
for function in ("vfs_read", "vfs_write", "do_sys_openat2"):
    bpf.attach_kprobe(event=function, fn_name="take_long")
for _ in range(20):
    if os.fork() == 0:
        while True:
            pass
ready()
wait_for_stop()
report({"counts": {"coral-newt": 66, "lilac-ibis": 42}})
