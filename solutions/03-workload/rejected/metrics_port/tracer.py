# expect: calls_per_kind nothing_counted
"""Exercise 3, rejected: asks the server's metrics port how many requests there were."""

import urllib.request
from pathlib import Path

from bcc import BPF
from lab_tracer import ready, report, wait_for_stop


def requests_so_far():
    """The server's own counter, or 0 where its port is out of reach."""
    try:
        with urllib.request.urlopen("http://127.0.0.1:8002/metrics", timeout=2) as answer:
            lines = answer.read().decode().splitlines()
    except OSError:
        return 0
    values = [line.split()[-1] for line in lines if line.startswith("nv_inference_request_success{")]
    return sum(int(float(value)) for value in values)


bpf = BPF(src_file=str(Path(__file__).with_name("tracer.bpf.c")))
before = requests_so_far()
ready()
wait_for_stop()
requests = requests_so_far() - before
rows = {"http": {"readv": requests, "writev": requests}, "grpc": {"recvmsg": requests, "sendmsg": requests}}
report(
    {
        "calls": rows,
        "with_data": rows,
        "requests": {"http": requests, "grpc": None},
        "per_request": {"readv": 1.0, "writev": 1.0},
    }
)
