"""Exercise 2, variant: events through a perf buffer, counted here, and no helper module."""

import json
import os
from collections import Counter

from bcc import BPF

here = os.path.dirname(os.path.abspath(__file__))
bpf = BPF(src_file=os.path.join(here, "tracer.bpf.c"))
counts = Counter()


def count(_cpu, data, _size):
    counts[bpf["calls"].event(data).comm.decode()] += 1


bpf["calls"].open_perf_buffer(count, page_cnt=64)
bpf.attach_kprobe(event=bpf.get_syscall_fnname("execve"), fn_name="syscall__execve")
print("READY", flush=True)
try:
    while True:
        bpf.perf_buffer_poll(timeout=200)
except KeyboardInterrupt:
    bpf.perf_buffer_poll(timeout=0)
print(json.dumps({"counts": counts}), flush=True)
