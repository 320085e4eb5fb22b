"""Names a program that tracer.bpf.c does not have."""

from pathlib import Path

from bcc import BPF

bpf = BPF(src_file=str(Path(__file__).with_name("tracer.bpf.c")))
bpf.attach_kprobe(event=bpf.get_syscall_fnname("getpid"), fn_name="prob")
