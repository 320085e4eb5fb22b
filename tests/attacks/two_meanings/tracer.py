# expect: report_readable report_duplicate_key
"""A report that one parser reads in one way, and another one in another."""

from pathlib import Path

from bcc import BPF
from lab_tracer import ready, wait_for_stop

bpf = BPF(src_file=str(Path(__file__).with_name("tracer.bpf.c")))

bpf.attach_kprobe(event=bpf.get_syscall_fnname("execve"), fn_name="count_exec")
ready()
wait_for_stop()
print('{"counts": {"coral-newt": 1}}')
print('{"counts": {"coral-newt": 1}, "counts": {"coral-newt": 2}, "\\u0063ounts": {}}')
