# expect: calls_per_kind anonymous_as_eventfd
"""Exercise 3, rejected: every file without a place in a folder is taken for an eventfd."""

from pathlib import Path

import kernel_fields
from bcc import BPF
from lab_tracer import ready, report, target, wait_for_stop

# Numbers of the system calls on x86-64.
SYSCALLS = {
    0: "read",
    1: "write",
    19: "readv",
    20: "writev",
    44: "sendto",
    45: "recvfrom",
    46: "sendmsg",
    47: "recvmsg",
}
KINDS = ["other", "inet", "unix", "pipe", "eventfd"]  # the order in tracer.bpf.c
PROTOCOLS = {8000: "http", 8001: "grpc"}  # the server's ports, in its container

bpf = BPF(
    src_file=str(Path(__file__).with_name("tracer.bpf.c")),
    cflags=[
        f"-DTARGET_CGROUP_ID={target.cgroup_id}ULL",
        f"-DTARGET_CGROUP_LEVEL={target.cgroup_level}",
        *kernel_fields.flags(),
    ],
)


def kind_of(fd):
    """What a descriptor stands for, in the words of the report."""
    if KINDS[fd.kind] == "inet":
        return PROTOCOLS.get(fd.port, "other")
    return KINDS[fd.kind]


def table(name):
    """One map as {kind: {system call: number}}."""
    found = {}
    for row, count in bpf[name].items():
        of_kind = found.setdefault(kind_of(row.fd), {})
        call = SYSCALLS[row.nr]
        of_kind[call] = of_kind.get(call, 0) + count.value
    return found


def fingerprint():
    """The whole report."""
    calls, with_data = table("calls"), table("with_data")
    # Each HTTP request arrives in one readv. The end of a connection is a readv too, and returns 0.
    requests = with_data.get("http", {}).get("readv", 0)
    http = calls.get("http", {})
    return {
        "calls": calls,
        "with_data": with_data,
        "requests": {"http": requests, "grpc": None},
        "per_request": {call: number / requests for call, number in http.items() if requests},
    }


ready()
wait_for_stop(poll=lambda: report(fingerprint()), every_s=0.5)
report(fingerprint())
