"""Exercise 3: the system calls of one request, over HTTP and over gRPC."""

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

# Compiles tracer.bpf.c. Programs named TRACEPOINT_PROBE are attached by this, too.
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
    # TODO 4: an "inet" socket with a port of PROTOCOLS is "http" or "grpc"; with another port it is "other".
    return KINDS[fd.kind] if KINDS[fd.kind] != "inet" else "other"


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
    # TODO 5: which number of which table is the number of HTTP requests? And of gRPC requests?
    #         None says: no number of calls tells it.
    requests = {"http": 0, "grpc": 0}
    # TODO 6: calls for one HTTP request: {"readv": calls / requests, "writev": calls / requests}
    per_request = {"readv": 0.0, "writev": 0.0}
    return {"calls": calls, "with_data": with_data, "requests": requests, "per_request": per_request}


ready()
wait_for_stop(poll=lambda: report(fingerprint()), every_s=0.5)
report(fingerprint())
