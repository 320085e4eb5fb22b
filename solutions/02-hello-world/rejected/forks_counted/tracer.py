# expect: calls_of_each_caller forks_counted
"""Exercise 2, rejected: every new process is taken for a started program."""

from pathlib import Path

from bcc import BPF
from lab_tracer import ready, report, wait_for_stop

bpf = BPF(src_file=str(Path(__file__).with_name("tracer.bpf.c")))
bpf.attach_kprobe(event=bpf.get_syscall_fnname("execve"), fn_name="count_exec")
bpf.attach_kprobe(event="kernel_clone", fn_name="count_exec")
ready()
wait_for_stop()
report({"counts": {caller.comm.decode(): count.value for caller, count in bpf["counts"].items()}})
