# expect: own_tracing other_tracer
"""Exercise 2, rejected: bpftrace counts, and tracer.py hands its numbers on."""

import json
import subprocess

from lab_tracer import ready, report, wait_for_stop

PROGRAM = "tracepoint:syscalls:sys_enter_execve { @counts[comm] = count(); }"


def start():
    """bpftrace under way, or None where the jail does not let it."""
    try:
        return subprocess.Popen(["bpftrace", "-f", "json", "-e", PROGRAM], stdout=subprocess.PIPE, text=True)
    except OSError:
        return None


def counts(said):
    """The map that bpftrace prints at its end."""
    for line in said.splitlines():
        found = json.loads(line) if line.startswith("{") else {}
        if found.get("type") == "map":
            return found["data"]["@counts"]
    return {}


bpftrace = start()
if bpftrace:
    bpftrace.stdout.readline()  # it says how many probes it has attached
ready()
wait_for_stop()
if bpftrace:
    bpftrace.terminate()
report({"counts": counts(bpftrace.communicate()[0]) if bpftrace else {}})
