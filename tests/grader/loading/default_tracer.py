"""Loads tracer.bpf.c and attaches its one program."""

from pathlib import Path

from bcc import BPF

bpf = BPF(src_file=str(Path(__file__).with_name("tracer.bpf.c")))
bpf.attach_kprobe(event=bpf.get_syscall_fnname("getpid"), fn_name="probe")
