"""Exercise 5, variant: the kernel side sends every call as it is, Python puts them together."""

from pathlib import Path

from bcc import BPF
from lab_tracer import ready, report, target, wait_for_stop

CONSTRUCTOR = (
    "_ZN18grpc_chttp2_streamC2EP21grpc_chttp2_transportP20grpc_stream_refcountPKvPN9grpc_core5ArenaE"
)
MAYBE_COMPLETE = (
    "^_Z49grpc_chttp2_maybe_complete_recv_trailing_metadataP21grpc_chttp2_transportP18grpc_chttp2_stream$"
)

bpf = BPF(
    src_file=str(Path(__file__).with_name("tracer.bpf.c")),
    cflags=[f"-DTARGET_PID={target.pid}"],
)
calls = []


def keep(_cpu, data, _size):
    call = bpf["calls"].event(data)
    calls.append((call.ts_ns, call.stream, call.made))


def together():
    """One list for each stream: when it was made, then its calls."""
    newest, whole = {}, []
    # Each CPU has a buffer of its own: only the times tell the order.
    for ts_ns, stream, made in sorted(calls):
        if made:
            newest[stream] = [ts_ns]
            whole.append((stream, newest[stream]))
        elif stream in newest:
            newest[stream].append(ts_ns)
    return whole


bpf["calls"].open_perf_buffer(keep, page_cnt=256)
bpf.attach_uprobe(name=target.binary, sym_re=MAYBE_COMPLETE, fn_name="metadata_call")
bpf.attach_uprobe(name=target.binary, sym=CONSTRUCTOR, fn_name="stream_made")
ready()
wait_for_stop(poll=lambda: bpf.perf_buffer_poll(timeout=0), every_s=0.2)
streams = together()
report(
    {
        "streams": len(streams),
        "completed": sum(len(times) == 4 for _, times in streams),
        "cancelled": sum(len(times) > 4 for _, times in streams),
        "calls": sum(len(times) - 1 for _, times in streams),
        "events": [
            {"stream": stream, "ts_ns": times[0], "latency_ns": times[3] - times[0]}
            for stream, times in streams
            if len(times) > 3
        ],
    }
)
