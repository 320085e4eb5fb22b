# expect: calls_of_each_caller one_cpu
"""Exercise 2, rejected: only the first CPU's values of a per-CPU map are read."""

from pathlib import Path

from bcc import BPF
from lab_tracer import ready, report, wait_for_stop

source = Path(__file__).parent.joinpath("tracer.bpf.c").read_text()
bpf = BPF(text=source)
bpf.attach_kprobe(event=bpf.get_syscall_prefix() + b"execve", fn_name=b"on_execve")
ready()
wait_for_stop()
calls = bpf["calls_by_name"]
report({"counts": {key.text.decode(): calls[key][0] for key in calls}})
