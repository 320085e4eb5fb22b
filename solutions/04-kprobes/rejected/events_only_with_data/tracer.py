# expect: events_match_calls events_only_with_data
"""Exercise 4, rejected: only a call that returned data has an event."""

from pathlib import Path

from bcc import BPF
from lab_tracer import ready, report, target, wait_for_stop

SYSCALLS = ["readv", "writev", "recvfrom", "sendto", "epoll_wait"]  # the order in tracer.bpf.c

bpf = BPF(
    src_file=str(Path(__file__).with_name("tracer.bpf.c")),
    cflags=[
        f"-DTARGET_CGROUP_ID={target.cgroup_id}ULL",
        f"-DTARGET_CGROUP_LEVEL={target.cgroup_level}",
    ],
)

events = []


def keep_event(_cpu, data, _size):
    event = bpf["events"].event(data)
    events.append(
        {
            "syscall": SYSCALLS[event.syscall],
            "pid": event.pid,
            "tid": event.tid,
            "fd": event.fd,
            "comm": event.comm.decode("utf-8", "replace"),
            "ts_ns": event.ts_ns,
            "ret": event.ret,
            "duration_ns": event.duration_ns,
        }
    )


def counts():
    calls, with_data = bpf["calls"], bpf["with_data"]
    return {
        name: {"calls": calls[number].value, "with_data": with_data[number].value}
        for number, name in enumerate(SYSCALLS)
    }


def look():
    bpf.ring_buffer_consume()  # fetch what the kernel side has written
    report({"counts": counts()})  # the newest numbers, for `lab run`


bpf["events"].open_ring_buffer(keep_event)

# Return probes first: then no call is counted at its entry whose return nobody watches.
for name in SYSCALLS:
    function = bpf.get_syscall_fnname(name)
    # Each call that is under way holds one return probe; the default allows about ten at a time.
    bpf.attach_kretprobe(event=function, fn_name=f"return_{name}", maxactive=128)
for name in SYSCALLS:
    bpf.attach_kprobe(event=bpf.get_syscall_fnname(name), fn_name=f"syscall__{name}")

ready()
wait_for_stop(poll=look, every_s=0.5)
report({"counts": counts(), "events": events, "lost": bpf["lost"][0].value})
