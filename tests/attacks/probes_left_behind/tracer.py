# expect: clean_exit left_behind
# alone: it would disturb whoever shares its run
"""Counts rightly, and leaves probes behind under names that are not BCC's."""

from pathlib import Path

from bcc import BPF
from lab_tracer import ready, report, wait_for_stop

bpf = BPF(src_file=str(Path(__file__).with_name("tracer.bpf.c")))

bpf.attach_kprobe(event=bpf.get_syscall_fnname("execve"), fn_name="count_exec")


def counts():
    """Name of the caller -> number of calls."""
    return {caller.comm.decode("utf-8", "replace"): count.value for caller, count in bpf["counts"].items()}


with Path("/sys/kernel/tracing/kprobe_events").open("r+b", buffering=0) as file:
    file.write(b"p:lab/left do_nanosleep\n")
    file.write(b"r64:mine/return do_nanosleep\n")
    file.write(b"p:kprobes/p_x_bcc_999 do_nanosleep\n")
ready()
wait_for_stop()
report({"counts": counts()})
