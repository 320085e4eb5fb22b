"""Exercise 1, variant: the contract kept by hand, pins made and taken away around each question."""

import json
import signal
import subprocess
from pathlib import Path

from bcc import BPF
from lab_tracer import pin

signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def ask(kind, descriptor):
    path = pin(descriptor, "asked")
    try:
        return json.loads(subprocess.getoutput(f"bpftool -j {kind} show pinned {path}"))
    finally:
        Path(path).unlink()


program = BPF(text=Path("tracer.bpf.c").read_text())
program.attach_raw_tracepoint("sched_process_exec", "hello")
print("READY", flush=True)
signal.sigwait({signal.SIGINT})
loaded = ask("prog", program.load_func("hello", BPF.RAW_TRACEPOINT).fd)
link = ask("link", program.raw_tracepoint_fds[b"sched_process_exec"])
print(f"my program is number {loaded['id']}")
document = {"program": loaded, "attached_to": [link["tp_name"]], "runs": loaded["run_cnt"]}
print(json.dumps(document))
