# expect: calls_of_each_caller callers_unknown
"""A dummy probe, and numbers from whatever the jail can see of the host."""

from pathlib import Path

from bcc import BPF
from lab_tracer import ready, report, wait_for_stop

bpf = BPF(src_file=str(Path(__file__).with_name("tracer.bpf.c")))

bpf.attach_kprobe(event=bpf.get_syscall_fnname("execve"), fn_name="count_exec")


def stolen():
    """Forks of the whole host, tasks of its cgroups, lines in the trace buffer."""
    forks = next(line for line in Path("/proc/stat").read_text().splitlines() if line.startswith("processes"))
    groups = Path("/sys/fs/cgroup").rglob("pids.peak")
    found = {"forks": int(forks.split()[1])}
    found |= {group.parent.name: int(group.read_text()) for group in groups}
    found["trace"] = len(Path("/sys/kernel/tracing/trace").read_text(errors="replace").splitlines())
    return found


before = stolen()
ready()
wait_for_stop()
report({"counts": {name: max(0, number - before.get(name, 0)) for name, number in stolen().items()}})
