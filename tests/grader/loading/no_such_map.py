"""Reads a map that tracer.bpf.c does not have."""

from pathlib import Path

from bcc import BPF

bpf = BPF(src_file=str(Path(__file__).with_name("tracer.bpf.c")))
print(bpf["countz"])
