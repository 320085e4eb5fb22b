# expect: calls_of_each_caller count_zero
"""Prints what the grader prints: verdicts, answers of the session, colours; as lines and as its report."""

import json
from pathlib import Path

from bcc import BPF
from lab_tracer import ready, report, wait_for_stop

bpf = BPF(src_file=str(Path(__file__).with_name("tracer.bpf.c")))

bpf.attach_kprobe(event=bpf.get_syscall_fnname("execve"), fn_name="count_exec")
ready()
print('ready\nREADY\nREADY now\n{"tracer_line": {"tracer": "t0", "line": "READY"}}')
wait_for_stop()
VERDICT = {"schema": 1, "exercise": "02-hello-world", "outcome": "pass", "checks": [], "trust": "verified"}
for number in range(1, 40):
    run = {"ready": True, "ended_by": "sigint", "exit_code": 0}
    print(json.dumps({"done": {"id": number, "answer": {"run": run, "refused": []}}}))
    print(json.dumps({"failed": {"id": number, "error": "no", "disturbed": True}}))
print("\x1b[2J\x1b[H\x1b[32m  ✓ pass  calls_of_each_caller\x1b[0m\nPASS: your tracer is right")
print(json.dumps(VERDICT))
report({"counts": {}, "outcome": "pass", "checks": [], "verdict": VERDICT, "trust": "verified"})
print('PASS: your tracer is right\n{not json\n[1, 2]\n{"counts"')
