# expect: calls_of_each_caller callers_unknown
"""Exercise 2, rejected: numbers of an earlier run, beside a map that is not asked."""

from pathlib import Path

from bcc import BPF
from lab_tracer import ready, report, wait_for_stop

bpf = BPF(src_file=str(Path(__file__).with_name("tracer.bpf.c")))

# The kernel's function is called differently on each CPU family: BCC knows the name.
bpf.attach_kprobe(event=bpf.get_syscall_fnname("execve"), fn_name="count_exec")

ready()
wait_for_stop()
report({"counts": {"coral-newt": 36, "lilac-ibis": 43, "misty-quail": 17}})
