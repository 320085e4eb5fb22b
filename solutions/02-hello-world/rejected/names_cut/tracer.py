# expect: calls_of_each_caller names_cut
"""Exercise 2, rejected: counts by the first 11 characters of the caller's name."""

from pathlib import Path

from bcc import BPF
from lab_tracer import ready, report, wait_for_stop

bpf = BPF(src_file=str(Path(__file__).with_name("tracer.bpf.c")))


def counts():
    """Name of the caller -> number of calls."""
    return {caller.comm.decode("utf-8", "replace"): count.value for caller, count in bpf["counts"].items()}


# The kernel's function is called differently on each CPU family: BCC knows the name.
bpf.attach_kprobe(event=bpf.get_syscall_fnname("execve"), fn_name="count_exec")

ready()
wait_for_stop(poll=lambda: report({"counts": counts()}), every_s=0.5)
report({"counts": counts()})
