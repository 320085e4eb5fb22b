# expect: counted_in_the_kernel trace_pipe_counted
# alone: other tracers print into the same buffer
"""Exercise 2, rejected: its map only knows that it ran; the numbers are the lines its program printed."""

from collections import Counter
from pathlib import Path

from bcc import BPF
from lab_tracer import ready, report, wait_for_stop

bpf = BPF(src_file=str(Path(__file__).with_name("tracer.bpf.c")))
bpf.attach_kprobe(event=bpf.get_syscall_fnname("execve"), fn_name="say_hello")
ready()
wait_for_stop()
lines = Path("/sys/kernel/tracing/trace").read_text(encoding="utf-8", errors="replace").splitlines()
counts = Counter(line[:16].strip() for line in lines if "bpf_trace_printk: hello" in line)
report({"counts": dict(counts)})
