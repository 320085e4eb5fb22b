# expect: kprobe_on_execve nothing_attached
"""Exercise 2, rejected: no eBPF at all, only the numbers of an earlier run."""

from lab_tracer import ready, report, wait_for_stop

ready()
wait_for_stop()
report({"counts": {"coral-newt": 66, "lilac-ibis": 42}})
