"""Does not close a bracket."""

from pathlib import Path

from bcc import BPF

bpf = BPF(src_file=str(Path(__file__).with_name("tracer.bpf.c"))
bpf.attach_kprobe(event="x", fn_name="probe")
