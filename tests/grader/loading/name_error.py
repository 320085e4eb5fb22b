"""Uses a name that is not defined."""

from pathlib import Path

from bcc import BPF

bpf = BPF(src_file=str(Path(__file__).with_name("tracer.bpf.c")))
print(cuonts)
