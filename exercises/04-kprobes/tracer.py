"""Exercise 4: counts, durations and events of five system calls in one container."""

from pathlib import Path

from bcc import BPF
from lab_tracer import ready, report, target, wait_for_stop

SYSCALLS = ["readv", "writev", "recvfrom", "sendto", "epoll_wait"]  # the order in tracer.bpf.c

# Compiles tracer.bpf.c. Parameters go in as -D, as in any C program.
bpf = BPF(
    src_file=str(Path(__file__).with_name("tracer.bpf.c")),
    cflags=[
        f"-DTARGET_CGROUP_ID={target.cgroup_id}ULL",
        f"-DTARGET_CGROUP_LEVEL={target.cgroup_level}",
    ],
)

events = []


def keep_event(_cpu, data, _size):
    """Called for each event that the kernel side has sent."""
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
    """The two count maps as the report wants them."""
    calls, with_data = bpf["calls"], bpf["with_data"]
    return {
        name: {"calls": calls[number].value, "with_data": with_data[number].value}
        for number, name in enumerate(SYSCALLS)
    }


def look():
    """Called twice a second, and once more at the end."""
    bpf.ring_buffer_consume()  # calls keep_event for each event that has arrived
    report({"counts": counts()})  # the newest numbers, for `lab run`


bpf["events"].open_ring_buffer(keep_event)

# TODO 5: attach entry and return of all five calls, the return probes first and with maxactive=128:
#         bpf.attach_kretprobe(event=..., fn_name="return_...", maxactive=128)
bpf.attach_kprobe(event=bpf.get_syscall_fnname("readv"), fn_name="syscall__readv")

ready()  # tells the lab that your probes are in place
wait_for_stop(poll=look, every_s=0.5)  # returns when the lab (or Ctrl-C) stops you
report({"counts": counts(), "events": events})
