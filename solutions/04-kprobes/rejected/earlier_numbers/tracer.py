# expect: counted_in_the_kernel no_map
"""Exercise 4, rejected: right probes that do nothing, beside the numbers of an earlier run."""

from pathlib import Path

from bcc import BPF
from lab_tracer import ready, report, wait_for_stop

SYSCALLS = ["readv", "writev", "recvfrom", "sendto", "epoll_wait"]
COUNTS = {name: {"calls": 541, "with_data": 523} for name in SYSCALLS}

bpf = BPF(src_file=str(Path(__file__).with_name("tracer.bpf.c")))
for name in SYSCALLS:
    function = bpf.get_syscall_fnname(name)
    bpf.attach_kretprobe(event=function, fn_name="do_nothing", maxactive=128)
    bpf.attach_kprobe(event=function, fn_name="do_nothing_at_entry")
ready()
wait_for_stop()
report({"counts": COUNTS, "events": []})
