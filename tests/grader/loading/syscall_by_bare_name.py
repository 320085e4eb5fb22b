"""Attaches to the bare name of a system call."""

from pathlib import Path

from bcc import BPF

bpf = BPF(src_file=str(Path(__file__).with_name("tracer.bpf.c")))
bpf.attach_kprobe(event="execve", fn_name="probe")
