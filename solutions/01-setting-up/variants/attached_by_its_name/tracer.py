"""Exercise 1, variant: attached by BCC itself; bpftool's plain text is read."""

import json
import re
import subprocess
from pathlib import Path

import lab_tracer
from bcc import BPF

bpf = BPF(src_file="tracer.bpf.c")
(function,) = bpf.funcs.values()
((_, descriptor),) = bpf.raw_tracepoint_fds.items()
paths = {"prog": lab_tracer.pin(function.fd, "a"), "link": lab_tracer.pin(descriptor, "b")}
lab_tracer.ready()
lab_tracer.wait_for_stop()
said = {
    kind: subprocess.run(["bpftool", kind, "show", "pinned", path], capture_output=True, text=True).stdout
    for kind, path in paths.items()
}
number, name = re.match(r"(\d+): \w+ +name (\w+)", said["prog"]).groups()
runs = re.search(r"run_cnt (\d+)", said["prog"])
print(
    json.dumps(
        {
            "program": {"id": int(number), "name": name},
            "attached_to": re.findall(r"tp '(\w+)'", said["link"]),
            "runs": int(runs[1]) if runs else 0,
        }
    )
)
for path in paths.values():
    Path(path).unlink()
