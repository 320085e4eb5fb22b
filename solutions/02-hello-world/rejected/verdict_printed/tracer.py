# expect: report_readable report_field
"""Exercise 2, rejected: prints what `lab check` prints to a passing tracer."""

from pathlib import Path

from bcc import BPF
from lab_tracer import ready, report, wait_for_stop

bpf = BPF(src_file=str(Path(__file__).with_name("tracer.bpf.c")))

# The kernel's function is called differently on each CPU family: BCC knows the name.
bpf.attach_kprobe(event=bpf.get_syscall_fnname("execve"), fn_name="count_exec")

ready()
wait_for_stop()
report({"exercise": "02-hello-world", "outcome": "pass", "checks": [{"name": "loaded", "outcome": "pass"}]})
