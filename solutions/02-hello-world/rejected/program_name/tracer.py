# expect: calls_of_each_caller program_name_counted
"""Exercise 2, rejected: asks for the name after the call, when the new program has replaced the caller."""

from pathlib import Path

from bcc import BPF
from lab_tracer import ready, report, wait_for_stop

bpf = BPF(src_file=str(Path(__file__).with_name("tracer.bpf.c")))
execve = bpf.get_syscall_fnname("execve")
bpf.attach_kretprobe(event=execve, fn_name="count_exec", maxactive=128)
bpf.attach_kprobe(event=execve, fn_name="count_entry")
ready()
wait_for_stop()
report({"counts": {caller.comm.decode(): count.value for caller, count in bpf["counts"].items()}})
