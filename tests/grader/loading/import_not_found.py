"""Imports what is not there."""

from bpfcc import BPF

bpf = BPF(src_file="tracer.bpf.c")
