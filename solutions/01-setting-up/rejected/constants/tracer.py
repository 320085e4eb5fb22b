# expect: hello_is_attached nothing_attached
"""Exercise 1, rejected: no eBPF at all, only the answers of an earlier run."""

from lab_tracer import ready, report, wait_for_stop

ready()
wait_for_stop()
report({"program": {"id": 57, "name": "hello"}, "attached_to": ["sched_process_exec"], "runs": 311})
