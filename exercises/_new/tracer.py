"""Exercise @NUMBER@: count execve calls by the name of the process that makes them."""

from pathlib import Path

from bcc import BPF
from lab_tracer import ready, report, wait_for_stop

bpf = BPF(src_file=str(Path(__file__).with_name("tracer.bpf.c")))


def counts():
    """Name of the caller -> number of calls."""
    found = {}
    # TODO 2: fill it from the map: bpf["counts"].items() gives its keys and values.
    return dict(sorted(found.items()))


bpf.attach_kprobe(event=bpf.get_syscall_fnname("execve"), fn_name="count_exec")
ready()
wait_for_stop(poll=lambda: report({"counts": counts()}), every_s=0.5)
report({"counts": counts()})
