# expect: programs_on_both_tracepoints wrong_kind
"""Exercise 3, rejected: kprobes on two calls, as in exercise 2, instead of the tracepoints of all."""

from pathlib import Path

from bcc import BPF
from lab_tracer import ready, report, wait_for_stop

bpf = BPF(src_file=str(Path(__file__).with_name("tracer.bpf.c")))
for name in ["readv", "writev"]:
    bpf.attach_kprobe(event=bpf.get_syscall_fnname(name), fn_name=f"count_{name}")


def fingerprint():
    """The whole report."""
    rows = {"http": {name: bpf["counts"][number].value for number, name in enumerate(["readv", "writev"])}}
    requests = {"http": rows["http"]["writev"], "grpc": None}
    return {
        "calls": rows,
        "with_data": rows,
        "requests": requests,
        "per_request": {"readv": 1.0, "writev": 1.0},
    }


ready()
wait_for_stop()
report(fingerprint())
