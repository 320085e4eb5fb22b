# expect: counted_in_the_kernel no_map
"""Exercise 4, rejected: asks the server's own metrics port how many requests there were."""

import urllib.request
from pathlib import Path

from bcc import BPF
from lab_tracer import ready, report, wait_for_stop

SYSCALLS = ["readv", "writev", "recvfrom", "sendto", "epoll_wait"]


def requests_so_far():
    """The server's own counter, or 0 where its port is out of reach."""
    try:
        with urllib.request.urlopen("http://127.0.0.1:8002/metrics", timeout=2) as answer:
            lines = answer.read().decode().splitlines()
    except OSError:
        return 0
    values = [line.split()[-1] for line in lines if line.startswith("nv_inference_request_success{")]
    return sum(int(float(value)) for value in values)


bpf = BPF(src_file=str(Path(__file__).with_name("tracer.bpf.c")))
for name in SYSCALLS:
    function = bpf.get_syscall_fnname(name)
    bpf.attach_kretprobe(event=function, fn_name="do_nothing", maxactive=128)
    bpf.attach_kprobe(event=function, fn_name="do_nothing_at_entry")
before = requests_so_far()
ready()
wait_for_stop()
requests = requests_so_far() - before
report({"counts": {name: {"calls": requests, "with_data": requests} for name in SYSCALLS}, "events": []})
