"""Loads where the kernel's headers are missing."""

import os
from pathlib import Path

os.environ["BCC_KERNEL_SOURCE"] = "/nonexistent"

from bcc import BPF  # noqa: E402

bpf = BPF(src_file=str(Path(__file__).with_name("tracer.bpf.c")))
bpf.attach_kprobe(event=bpf.get_syscall_fnname("getpid"), fn_name="probe")
