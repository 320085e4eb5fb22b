"""Exercise 2, variant: written after BCC's execsnoop. Only the entries are counted."""
# alone: its headers take minutes to compile when emulated, and others of its run would wait for it

from collections import Counter
from pathlib import Path

from bcc import BPF
from lab_tracer import ready, report, wait_for_stop

EVENT_ARG = 0

b = BPF(text=(Path(__file__).parent / "tracer.bpf.c").read_text())
counts = Counter()


def print_event(_cpu, data, _size):
    event = b["events"].event(data)
    if event.type == EVENT_ARG:
        counts[event.comm.decode("utf-8", "replace")] += 1


execve_fnname = b.get_syscall_fnname("execve")
b.attach_kprobe(event=execve_fnname, fn_name="syscall__execve")
b.attach_kretprobe(event=execve_fnname, fn_name="do_ret_sys_execve")
b["events"].open_perf_buffer(print_event, page_cnt=64)
ready()
wait_for_stop(poll=lambda: b.perf_buffer_poll(timeout=0))
report({"counts": counts})
