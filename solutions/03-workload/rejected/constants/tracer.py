# expect: programs_on_both_tracepoints nothing_attached
"""Exercise 3, rejected: no eBPF at all, only the numbers of an earlier run."""

from lab_tracer import ready, report, wait_for_stop

NUMBERS = {
    "calls": {
        "http": {"readv": 131, "writev": 121},
        "grpc": {"recvmsg": 161, "sendmsg": 211},
        "unix": {"recvfrom": 232, "sendto": 142, "recvmsg": 104},
        "eventfd": {"read": 97, "write": 66},
        "pipe": {"read": 41, "write": 59},
    },
    "with_data": {
        "http": {"readv": 121, "writev": 121},
        "grpc": {"recvmsg": 147, "sendmsg": 211},
        "unix": {"recvfrom": 189, "sendto": 142, "recvmsg": 43},
        "eventfd": {"read": 50, "write": 66},
        "pipe": {"write": 59},
    },
    "requests": {"http": 121, "grpc": None},
    "per_request": {"readv": 1.083, "writev": 1.0},
}

ready()
wait_for_stop()
report(NUMBERS)
