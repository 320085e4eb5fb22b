# expect: probes_on_both_functions nothing_attached
"""Exercise 5, rejected: numbers of an earlier run, and no probe at all."""

from lab_tracer import ready, report, wait_for_stop

ready()
wait_for_stop()
report({"streams": 331, "completed": 314, "cancelled": 17, "calls": 1010, "events": []})
