# expect: counted_in_the_kernel no_map
"""Exercise 3, rejected: right programs that do nothing, beside the numbers of an earlier run."""

from pathlib import Path

from bcc import BPF
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

bpf = BPF(src_file=str(Path(__file__).with_name("tracer.bpf.c")))
ready()
wait_for_stop()
report(NUMBERS)
