# expect: kprobe_on_execve wrong_function
"""Exercise 2, rejected: a probe on execveat, a relative of execve that nobody here calls."""

from pathlib import Path

from bcc import BPF
from lab_tracer import ready, report, wait_for_stop

bpf = BPF(src_file=str(Path(__file__).with_name("tracer.bpf.c")))
bpf.attach_kprobe(event=bpf.get_syscall_fnname("execveat"), fn_name="count_exec")
ready()
wait_for_stop()
report({"counts": {caller.comm.decode(): count.value for caller, count in bpf["counts"].items()}})
