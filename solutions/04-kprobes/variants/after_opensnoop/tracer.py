"""Exercise 4, variant: written after BCC's opensnoop. One event for each return, added up here."""
# alone: its headers take minutes to compile when emulated, and others of its run would wait for it

from pathlib import Path

from bcc import BPF
from lab_tracer import ready, report, target, wait_for_stop

NAMES = ["readv", "writev", "recvfrom", "sendto", "epoll_wait"]

b = BPF(
    src_file=str(Path(__file__).with_name("tracer.bpf.c")),
    cflags=[f"-DCGROUP={target.cgroup_id}ULL", f"-DLEVEL={target.cgroup_level}"],
)
rows = []


def print_event(_cpu, data, _size):
    event = b["events"].event(data)
    rows.append(
        {
            "syscall": NAMES[event.which],
            "pid": event.pid,
            "tid": event.tid,
            "fd": event.fd,
            "comm": event.comm.decode("utf-8", "replace"),
            "ts_ns": event.ts,
            "ret": event.ret,
            "duration_ns": event.delta,
        }
    )


def summary(name):
    mine = [row for row in rows if row["syscall"] == name]
    return {"calls": len(mine), "with_data": sum(row["ret"] > 0 for row in mine)}


for name in NAMES:
    fnname = b.get_syscall_fnname(name)
    b.attach_kretprobe(event=fnname, fn_name=f"ret_{name}", maxactive=512)
    b.attach_kprobe(event=fnname, fn_name=f"syscall__{name}")

b["events"].open_perf_buffer(print_event, page_cnt=256)
ready()
wait_for_stop(poll=lambda: b.perf_buffer_poll(timeout=0), every_s=0.1)
report({"counts": {name: summary(name) for name in NAMES}, "events": rows})
