# expect: counted_in_the_kernel no_map
"""Exercise 2, rejected: a probe that does nothing, beside the numbers of an earlier run."""

from pathlib import Path

from bcc import BPF
from lab_tracer import ready, report, wait_for_stop

bpf = BPF(src_file=str(Path(__file__).with_name("tracer.bpf.c")))
bpf.attach_kprobe(event=bpf.get_syscall_fnname("execve"), fn_name="do_nothing")
ready()
wait_for_stop()
report({"counts": {"coral-newt": 66, "lilac-ibis": 42}})
