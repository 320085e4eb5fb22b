"""Attaches to a tracepoint that does not exist."""

from pathlib import Path

from bcc import BPF

bpf = BPF(src_file=str(Path(__file__).with_name("tracer.bpf.c")))
bpf.attach_tracepoint(tp="syscalls:sys_enter_exec", fn_name="probe")
