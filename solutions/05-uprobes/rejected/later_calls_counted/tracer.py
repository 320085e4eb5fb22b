# expect: streams_counted later_calls_as_cancelled
"""Exercise 5, rejected: every call after the third is taken for a stream that was given up."""

from pathlib import Path

from bcc import BPF
from lab_tracer import ready, report, target, wait_for_stop

CONSTRUCTOR = (
    "_ZN18grpc_chttp2_streamC1EP21grpc_chttp2_transportP20grpc_stream_refcountPKvPN9grpc_core5ArenaE"
)
# The one without .cold: that is a piece of the function that the compiler put far away, for errors.
MAYBE_COMPLETE = (
    "_Z49grpc_chttp2_maybe_complete_recv_trailing_metadataP21grpc_chttp2_transportP18grpc_chttp2_stream"
)

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
    events.append({"stream": event.stream, "ts_ns": event.ts_ns, "latency_ns": event.latency_ns})


def counts():
    reached = [entry.value for entry in bpf["reached"].values()]
    return {
        "streams": reached[0],
        "completed": reached[3] - reached[4],  # three calls, and no fourth
        "cancelled": sum(reached[4:]),
        "calls": sum(reached[1:]),
    }


def look():
    bpf.ring_buffer_consume()  # fetch what the kernel side has written
    report(counts())  # the newest numbers, for `lab run`


bpf["events"].open_ring_buffer(keep_event)

bpf.attach_uprobe(name=target.binary, sym=MAYBE_COMPLETE, fn_name="metadata_call")
bpf.attach_uprobe(name=target.binary, sym=CONSTRUCTOR, fn_name="stream_made")

ready()
wait_for_stop(poll=look, every_s=0.5)
report({**counts(), "events": events, "lost": bpf["lost"][0].value})
