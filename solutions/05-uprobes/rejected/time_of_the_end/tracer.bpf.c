// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// Exercise 5, rejected: each event says when it was sent, not when its stream was made.
// BCC puts "GPL" into the license section by itself.
// Parameters (cflags): TARGET_CGROUP_ID, TARGET_CGROUP_LEVEL.

#include <uapi/linux/ptrace.h>

#define MOST_CALLS 32
#define LAST_CALL 3

// --- structs ---

struct stream_t {
    u64 made_ns;
    u64 calls;
};

struct event_t {
    u64 stream; // the address of the server's object
    u64 ts_ns;  // made, the kernel's monotonic clock
    u64 latency_ns;
};

// --- maps ---

BPF_HASH(streams, u64, struct stream_t, 10240);
BPF_ARRAY(reached, u64, MOST_CALLS); // [0]: streams made; [n]: streams that had their nth call
BPF_ARRAY(lost, u64, 1);
BPF_RINGBUF_OUTPUT(events, 256); // pages: 1 MiB

// --- filter ---

static __always_inline bool in_target(void)
{
    // The other container runs the same file, and its streams have addresses of their own that may be equal.
    return bpf_get_current_ancestor_cgroup_id(TARGET_CGROUP_LEVEL) == TARGET_CGROUP_ID;
}

// --- probes ---

// grpc_chttp2_stream::grpc_chttp2_stream(transport, ...): `this` is the first argument.
int stream_made(struct pt_regs *ctx)
{
    if (!in_target())
        return 0;
    u64 stream = PT_REGS_PARM1(ctx);
    struct stream_t fresh = {};
    fresh.made_ns = bpf_ktime_get_ns();
    streams.update(&stream, &fresh); // the allocator hands addresses out again: replace what was there
    reached.atomic_increment(0);
    return 0;
}

// grpc_chttp2_maybe_complete_recv_trailing_metadata(transport, stream)
int metadata_call(struct pt_regs *ctx)
{
    u64 now_ns = bpf_ktime_get_ns();
    if (!in_target())
        return 0;
    u64 stream = PT_REGS_PARM2(ctx);
    struct stream_t *kept = streams.lookup(&stream);
    if (!kept)
        return 0; // made before the probes were there

    kept->calls += 1; // the server works on one stream from one thread at a time
    u64 number = kept->calls;
    if (number < MOST_CALLS)
        reached.atomic_increment(number);
    if (number != LAST_CALL)
        return 0;

    struct event_t event = {};
    event.stream = stream;
    event.ts_ns = now_ns;
    event.latency_ns = now_ns - kept->made_ns;
    if (events.ringbuf_output(&event, sizeof(event), 0) != 0)
        lost.atomic_increment(0);
    return 0;
}
