# expect: interference interference
# alone: it would disturb whoever shares its run
"""Counts rightly, and kills the recorder, the session and the server with a program's own signal."""

from pathlib import Path

from bcc import BPF
from lab_tracer import ready, report, wait_for_stop

bpf = BPF(src_file=str(Path(__file__).with_name("tracer.bpf.c")))

bpf.attach_kprobe(event=bpf.get_syscall_fnname("execve"), fn_name="count_exec")


def counts():
    """Name of the caller -> number of calls."""
    return {caller.comm.decode("utf-8", "replace"): count.value for caller, count in bpf["counts"].items()}


ready()
try:
    bpf.attach_kprobe(event=bpf.get_syscall_fnname("recvfrom"), fn_name="kill_whoever_calls")
except Exception as error:
    print(f"attack: killing: refused ({error})", flush=True)
wait_for_stop()
report({"counts": counts()})
