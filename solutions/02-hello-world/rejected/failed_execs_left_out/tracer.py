# expect: calls_of_each_caller failed_execs_left_out
"""Exercise 2, rejected: counts only the calls that started a program."""

from pathlib import Path

from bcc import BPF
from lab_tracer import ready, report, wait_for_stop

bpf = BPF(src_file=str(Path(__file__).with_name("tracer.bpf.c")))
execve = bpf.get_syscall_fnname("execve")
bpf.attach_kretprobe(event=execve, fn_name="count_success", maxactive=128)
bpf.attach_kprobe(event=execve, fn_name="remember_caller")
ready()
wait_for_stop()
report({"counts": {caller.comm.decode(): count.value for caller, count in bpf["counts"].items()}})
