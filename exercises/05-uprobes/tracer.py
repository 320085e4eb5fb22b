"""Exercise 5: the gRPC streams of one container, seen from two functions of its server."""

from pathlib import Path

from bcc import BPF
from lab_tracer import ready, report, target, wait_for_stop

# As in the binary's symbol table: C++ packs the types of the arguments into the name.
CONSTRUCTOR = (
    "_ZN18grpc_chttp2_streamC1EP21grpc_chttp2_transportP20grpc_stream_refcountPKvPN9grpc_core5ArenaE"
)

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
    events.append({"stream": event.stream, "ts_ns": event.ts_ns, "latency_ns": event.latency_ns})


def counts():
    """The four numbers of the report, from the map `reached`."""
    reached = [entry.value for entry in bpf["reached"].values()]
    # TODO 5: how many streams were completed, how many were given up, how many calls were there in all?
    return {"streams": reached[0], "completed": 0, "cancelled": 0, "calls": 0}


def look():
    """Called twice a second, and once more at the end."""
    bpf.ring_buffer_consume()  # calls keep_event for each event that has arrived
    report(counts())  # the newest numbers, for `lab run`


bpf["events"].open_ring_buffer(keep_event)

# TODO 6: find the symbol of grpc_chttp2_maybe_complete_recv_trailing_metadata, and attach metadata_call
#         to it, before the constructor:
#         bpf.attach_uprobe(name=..., sym=..., fn_name="metadata_call")
bpf.attach_uprobe(name=target.binary, sym=CONSTRUCTOR, fn_name="stream_made")

ready()  # tells the lab that your probes are in place
wait_for_stop(poll=look, every_s=0.5)  # returns when the lab (or Ctrl-C) stops you
report({**counts(), "events": events})
