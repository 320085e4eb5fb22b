"""Attaches to a kernel function that does not exist."""

from pathlib import Path

from bcc import BPF

bpf = BPF(src_file=str(Path(__file__).with_name("tracer.bpf.c")))
bpf.attach_kprobe(event="sys_execv_", fn_name="probe")
