"""Exercise 1, variant: two programs are attached, and the one that the exercise asks for is reported."""

import json
import subprocess
from pathlib import Path

from bcc import BPF
from lab_tracer import pin, pins, ready, report, wait_for_stop

PLACES = {"started": "sched_process_exec", "ended": "sched_process_exit"}

bpf = BPF(src_file=str(Path(__file__).with_name("tracer.bpf.c")))
for function, place in PLACES.items():
    bpf.attach_raw_tracepoint(tp=place, fn_name=function)
pin(bpf.load_func("started", BPF.RAW_TRACEPOINT).fd, "started")
pin(bpf.raw_tracepoint_fds[b"sched_process_exec"], "its_link")


def ask(kind, name):
    command = ["bpftool", "--json", kind, "show", "pinned", f"{pins}/{name}"]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE).stdout)


last = {}


def look():
    shown, link = ask("prog", "started"), ask("link", "its_link")
    last["program"] = {"id": shown["id"], "name": shown["name"]}
    last["attached_to"] = [link["tp_name"]]
    last["runs"] = shown.get("run_cnt", 0)
    last["own_count"] = bpf["own_count"][0].value


ready()
wait_for_stop(poll=look, every_s=0.3)
report(last)
for name in ("started", "its_link"):
    Path(pins, name).unlink()
