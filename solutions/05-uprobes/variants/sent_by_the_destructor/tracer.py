"""Exercise 5, variant: a third probe, on the destructor, sends what is known of the stream and forgets it."""

from collections import Counter
from pathlib import Path

from bcc import BPF
from lab_tracer import ready, report, target, wait_for_stop

CONSTRUCTOR = (
    "_ZN18grpc_chttp2_streamC1EP21grpc_chttp2_transportP20grpc_stream_refcountPKvPN9grpc_core5ArenaE"
)
DESTRUCTOR = "_ZN18grpc_chttp2_streamD1Ev"
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
ended = []


def keep(_context, data, _size):
    event = bpf["ended"].event(data)
    ended.append((event.stream, event.made_ns, event.third_ns, event.calls))


bpf["ended"].open_ring_buffer(keep)
for symbol, function in (
    (DESTRUCTOR, "stream_ended"),
    (MAYBE_COMPLETE, "metadata_call"),
    (CONSTRUCTOR, "stream_made"),
):
    bpf.attach_uprobe(name=target.binary, sym=symbol, fn_name=function)
ready()
wait_for_stop(poll=bpf.ring_buffer_consume, every_s=0.3)
by_calls = Counter(calls for *_, calls in ended)
report(
    {
        "streams": len(ended),
        "completed": by_calls[3],
        "cancelled": sum(streams for calls, streams in by_calls.items() if calls > 3),
        "calls": sum(calls for *_, calls in ended),
        "events": [
            {"stream": stream, "ts_ns": made_ns, "latency_ns": third_ns - made_ns}
            for stream, made_ns, third_ns, _ in ended
        ],
    }
)
