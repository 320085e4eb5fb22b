"""Names a file that is not there."""

from bcc import BPF

bpf = BPF(src_file="trace.bpf.c")
