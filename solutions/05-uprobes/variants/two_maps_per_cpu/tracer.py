"""Exercise 5, variant: start and number of calls in maps of their own, the totals one to a CPU."""

from pathlib import Path

from bcc import BPF
from lab_tracer import ready, report, target, wait_for_stop

CONSTRUCTOR = (
    b"_ZN18grpc_chttp2_streamC1EP21grpc_chttp2_transportP20grpc_stream_refcountPKvPN9grpc_core5ArenaE"
)
CALLED = b"_Z49grpc_chttp2_maybe_complete_recv_trailing_metadataP21grpc_chttp2_transportP18grpc_chttp2_stream"

bpf = BPF(
    src_file=str(Path(__file__).with_name("tracer.bpf.c")),
    cflags=[
        f"-DTARGET_CGROUP_ID={target.cgroup_id}ULL",
        f"-DTARGET_CGROUP_LEVEL={target.cgroup_level}",
    ],
)
# The same place in the file under its number: what `sym` is turned into.
addresses = dict(BPF.get_user_functions_and_addresses(target.binary, b"^(%s|%s)$" % (CONSTRUCTOR, CALLED)))
bpf.attach_uprobe(name=target.binary, addr=addresses[CALLED], fn_name="metadata_call")
bpf.attach_uprobe(name=target.binary, addr=addresses[CONSTRUCTOR], fn_name="stream_made")

latencies = []


def keep(_context, data, _size):
    one = bpf["latencies"].event(data)
    latencies.append({"stream": one.stream, "ts_ns": one.made_ns, "latency_ns": one.latency_ns})


def total(name):
    return bpf["totals"].sum({"streams": 0, "third": 1, "fourth": 2, "calls": 3}[name]).value


bpf["latencies"].open_ring_buffer(keep)
ready()
wait_for_stop(poll=bpf.ring_buffer_consume, every_s=0.25)
report(
    {
        "events": latencies,
        "calls": total("calls"),
        "cancelled": total("fourth"),
        "completed": total("third") - total("fourth"),
        "streams": total("streams"),
    }
)
