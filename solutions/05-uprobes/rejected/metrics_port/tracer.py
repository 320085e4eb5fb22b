# expect: counted_in_the_kernel no_map
"""Exercise 5, rejected: probes that do nothing, and the server's own counters read from its metrics port."""

import urllib.request

from bcc import BPF
from lab_tracer import ready, report, target, wait_for_stop

CONSTRUCTOR = (
    "_ZN18grpc_chttp2_streamC1EP21grpc_chttp2_transportP20grpc_stream_refcountPKvPN9grpc_core5ArenaE"
)
MAYBE_COMPLETE = (
    "_Z49grpc_chttp2_maybe_complete_recv_trailing_metadataP21grpc_chttp2_transportP18grpc_chttp2_stream"
)


def requests():
    try:
        with urllib.request.urlopen("http://127.0.0.1:8002/metrics", timeout=2) as answer:
            text = answer.read().decode()
    except OSError:
        return 0  # the jail has a network of its own
    lines = [line for line in text.splitlines() if line.startswith("nv_inference_request_success")]
    return sum(int(float(line.split()[-1])) for line in lines)


bpf = BPF(text="int nothing(void *ctx) { return 0; }")
bpf.attach_uprobe(name=target.binary, sym=MAYBE_COMPLETE, fn_name="nothing")
bpf.attach_uprobe(name=target.binary, sym=CONSTRUCTOR, fn_name="nothing")
before = requests()
ready()
wait_for_stop()
streams = requests() - before
report({"streams": streams, "completed": streams, "cancelled": 0, "calls": 3 * streams, "events": []})
