"""Exercise 2: count execve calls by the name of the process that makes them."""

from pathlib import Path

from bcc import BPF
from lab_tracer import ready, report, wait_for_stop

# Compiles tracer.bpf.c and prepares its map.
bpf = BPF(src_file=str(Path(__file__).with_name("tracer.bpf.c")))

# TODO 1: attach the function count_exec as a kprobe to execve.
#         bpf.get_syscall_fnname("execve") is the kernel's own name of it.

ready()  # tells the lab that your probes are in place
wait_for_stop()  # returns when the lab (or Ctrl-C) stops you

counts = {}
# TODO 4: read the map bpf["counts"] into this dictionary: name of the caller -> number of calls.
report({"counts": counts})
