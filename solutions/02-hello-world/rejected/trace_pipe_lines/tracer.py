# expect: counted_in_the_kernel trace_pipe_counted
# alone: it takes the lines of the trace pipe away from others
"""Exercise 2, rejected: counts the lines of the trace pipe, which the whole machine shares."""

import threading
from collections import Counter
from pathlib import Path

from bcc import BPF
from lab_tracer import ready, report, wait_for_stop

bpf = BPF(src_file=str(Path(__file__).with_name("tracer.bpf.c")))
bpf.attach_kprobe(event=bpf.get_syscall_fnname("execve"), fn_name="say_hello")
counts = Counter()


def count_lines():
    with Path("/sys/kernel/tracing/trace_pipe").open(encoding="utf-8", errors="replace") as pipe:
        for line in pipe:
            counts[line[:16].strip()] += 1


threading.Thread(target=count_lines, daemon=True).start()
ready()
wait_for_stop()
report({"counts": dict(counts)})
