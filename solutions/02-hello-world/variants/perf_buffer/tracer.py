"""Exercise 2, variant: events through a perf buffer, counted here, and no helper module."""

import json
from collections import Counter
from pathlib import Path

from bcc import BPF

bpf = BPF(text=(Path(__file__).parent / "tracer.bpf.c").read_text())
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
