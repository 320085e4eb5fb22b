# expect: program_of_this_run stale_program
"""Exercise 1, rejected: attached, and reports the answers of an earlier run."""

import json
import subprocess
from pathlib import Path

from bcc import BPF
from lab_tracer import pin, ready, report, wait_for_stop

# Compiles tracer.bpf.c and loads the function hello into the kernel.
bpf = BPF(src_file=str(Path(__file__).with_name("tracer.bpf.c")))
hello = bpf.load_func("hello", BPF.RAW_TRACEPOINT)

# It runs whenever a program is started on this machine.
bpf.attach_raw_tracepoint(tp="sched_process_exec", fn_name="hello")

# A pin is a name for something in the kernel: bpftool can be asked about it by this name.
program = pin(hello.fd, "hello")
links = [pin(fd, f"link{number}") for number, fd in enumerate(bpf.raw_tracepoint_fds.values())]


def bpftool(kind, path):
    """What bpftool says about the program (`prog`) or attachment (`link`) that is pinned there."""
    command = ["bpftool", "-j", kind, "show", "pinned", path]
    # No look at its exit code: some versions end `link show` with 255 after a right answer.
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE).stdout)


def answers():
    """What this run loaded, where it is attached, and how often it ran."""
    shown = {"id": 1, "name": "hello", "run_cnt": 311}  # the first program since the host started: never ours
    return {
        "program": {"id": shown["id"], "name": shown["name"]},
        "attached_to": [bpftool("link", link)["tp_name"] for link in links],
        "runs": shown.get("run_cnt", 0),
    }


ready()  # tells the lab that your program is in place
wait_for_stop(poll=lambda: report(answers()), every_s=0.5)  # `lab run` shows these
report(answers())  # after the stop: this one is graded
for path in (program, *links):
    Path(path).unlink()  # what stays pinned stays in the kernel
