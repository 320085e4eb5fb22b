# expect: kprobe_on_execve return_instead_of_entry
"""Exercise @NUMBER@, rejected: the probe is on the return of execve, not on its entry."""

from pathlib import Path

from bcc import BPF
from lab_tracer import ready, report, wait_for_stop

bpf = BPF(src_file=str(Path(__file__).with_name("tracer.bpf.c")))
bpf.attach_kretprobe(event=bpf.get_syscall_fnname("execve"), fn_name="count_exec", maxactive=128)
ready()
wait_for_stop()
report({"counts": {caller.comm.decode(): count.value for caller, count in bpf["counts"].items()}})
