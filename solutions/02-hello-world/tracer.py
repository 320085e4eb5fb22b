"""Exercise 2, solution: count execve calls by the name of the process that makes them."""

from pathlib import Path

from bcc import BPF
from lab_tracer import ready, report, wait_for_stop

bpf = BPF(src_file=str(Path(__file__).with_name("tracer.bpf.c")))

# The kernel's function is called differently on each CPU family: BCC knows the name.
bpf.attach_kprobe(event=bpf.get_syscall_fnname("execve"), fn_name="count_exec")

ready()
wait_for_stop()

counts = {}
for caller, count in bpf["counts"].items():
    name = caller.comm.decode("utf-8", "replace")
    counts[name] = counts.get(name, 0) + count.value
report({"counts": counts})
