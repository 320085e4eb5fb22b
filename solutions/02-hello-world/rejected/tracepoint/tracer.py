# expect: kprobe_on_execve not_a_kprobe
"""Exercise 2, rejected: right numbers, from a tracepoint; the exercise asks for a kprobe."""

from pathlib import Path

from bcc import BPF
from lab_tracer import ready, report, wait_for_stop

bpf = BPF(src_file=str(Path(__file__).with_name("tracer.bpf.c")))
bpf.attach_tracepoint(tp="syscalls:sys_enter_execve", fn_name="count_exec")
ready()
wait_for_stop()
report({"counts": {caller.comm.decode(): count.value for caller, count in bpf["counts"].items()}})
