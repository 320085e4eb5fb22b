# expect: kprobe_on_execve nothing_attached
"""Brings its own bcc and lab_tracer, which only pretend."""

from bcc import BPF
from lab_tracer import ready, report, wait_for_stop

bpf = BPF(src_file="tracer.bpf.c")
bpf.attach_kprobe(event=bpf.get_syscall_fnname("execve"), fn_name="count_exec")
ready()
wait_for_stop()
report({"counts": {"coral-newt": 66, "lilac-ibis": 42}})
