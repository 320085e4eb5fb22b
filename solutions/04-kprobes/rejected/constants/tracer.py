# expect: probes_on_the_five_calls nothing_attached
"""Exercise 4, rejected: no eBPF at all, only the numbers of an earlier run."""

from lab_tracer import ready, report, wait_for_stop

COUNTS = {
    "readv": {"calls": 541, "with_data": 523},
    "writev": {"calls": 523, "with_data": 523},
    "recvfrom": {"calls": 523, "with_data": 523},
    "sendto": {"calls": 523, "with_data": 523},
    "epoll_wait": {"calls": 1649, "with_data": 1607},
}

ready()
wait_for_stop()
report({"counts": COUNTS, "events": []})
