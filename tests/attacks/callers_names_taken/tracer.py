# expect: calls_of_each_caller count_too_high
# alone: it would disturb whoever shares its run
"""Counts rightly, and calls execve itself under every name it sees, so that the truth would move along."""

import os
from pathlib import Path

from bcc import BPF
from lab_tracer import ready, report, wait_for_stop

bpf = BPF(src_file=str(Path(__file__).with_name("tracer.bpf.c")))

bpf.attach_kprobe(event=bpf.get_syscall_fnname("execve"), fn_name="count_exec")


def counts():
    """Name of the caller -> number of calls."""
    return {caller.comm.decode("utf-8", "replace"): count.value for caller, count in bpf["counts"].items()}


CALLS = 1009
"""More than ten times what any caller makes: so it is no multiple, however often the canary came."""
taken = set()


def take_names():
    """So many calls in the name of everybody who has called, once."""
    for name in counts().keys() - taken:
        taken.add(name)
        if os.fork() == 0:
            Path("/proc/self/comm").write_text(name)
            for _ in range(CALLS):
                try:
                    os.execv("/nonexistent", ["other"])
                except OSError:
                    continue
            os._exit(0)
        os.wait()


ready()
wait_for_stop(poll=take_names)
report({"counts": counts()})
