# expect: own_tracing other_tracer
"""Exercise 4, rejected: strace counts, beside probes that do nothing."""

import subprocess
from pathlib import Path

from bcc import BPF
from lab_tracer import ready, report, target, wait_for_stop

SYSCALLS = ["readv", "writev", "recvfrom", "sendto", "epoll_wait"]
SUMMARY = Path("/tmp/summary")

bpf = BPF(src_file=str(Path(__file__).with_name("tracer.bpf.c")))
for name in SYSCALLS:
    function = bpf.get_syscall_fnname(name)
    bpf.attach_kretprobe(event=function, fn_name="do_nothing_at_return", maxactive=128)
    bpf.attach_kprobe(event=function, fn_name="do_nothing_at_entry")

try:
    strace = subprocess.Popen(["strace", "-c", "-f", "-o", SUMMARY, "-p", str(target.pid)])
except OSError:  # the jail does not let it start
    strace = None


def counts():
    """The table that strace writes: system call -> number of calls; empty where it was not let in."""
    lines = SUMMARY.read_text().splitlines() if SUMMARY.exists() else []
    return {words[-1]: int(words[3]) for words in map(str.split, lines) if words and words[-1] in SYSCALLS}


ready()
wait_for_stop()
if strace:
    strace.terminate()
    strace.wait()
calls = counts()
report(
    {
        "counts": {name: {"calls": calls.get(name, 0), "with_data": calls.get(name, 0)} for name in SYSCALLS},
        "events": [],
    }
)
