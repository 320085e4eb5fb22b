// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// Exercise 5: every gRPC stream of one container: how many, which were given up, how long each took.
// BCC puts "GPL" into the license section by itself.
// Parameters (cflags in tracer.py): TARGET_CGROUP_ID, TARGET_CGROUP_LEVEL.

#include <uapi/linux/ptrace.h>

#define MOST_CALLS 32

// --- structs ---

// What a later call must know about its stream.
struct stream_t {
    u64 made_ns;
    u64 calls;
};

// What Python gets for each stream.
struct event_t {
    u64 stream; // the address of the server's object
    u64 ts_ns;  // made, the kernel's monotonic clock
    u64 latency_ns;
};

// --- maps ---

BPF_HASH(streams, u64, struct stream_t, 10240); // a key that belongs to one stream -> what is known of it
BPF_ARRAY(reached, u64, MOST_CALLS);            // [0]: streams made; [n]: streams that had their nth call
BPF_RINGBUF_OUTPUT(events, 256);                // pages: 1 MiB

// --- filter ---

static __always_inline bool in_target(void)
{
    // TODO 1: true only for tasks of the container, as in exercise 4. The other container runs the very
    //         same file: a uprobe runs for both.
    return true;
}

// --- probes ---

// grpc_chttp2_stream::grpc_chttp2_stream(transport, ...): a C++ constructor.
// Its first argument is the object itself, `this`, and only the second one is `transport`.
int stream_made(struct pt_regs *ctx)
{
    if (!in_target())
        return 0;

    // TODO 2: remember the time in `streams`, under a key that later calls of this stream find again.
    //         bpf_templates/object_latency.bcc.c shows both ends.

    reached.atomic_increment(0);
    return 0;
}

// grpc_chttp2_maybe_complete_recv_trailing_metadata(transport, stream)
int metadata_call(struct pt_regs *ctx)
{
    if (!in_target())
        return 0;

    // TODO 3: find the stream and add 1 to its `calls`; n is then the number of this call.
    //         Add 1 to reached[n] (while n < MOST_CALLS).

    // TODO 4: at the third call, fill a struct event_t and send it:
    //         events.ringbuf_output(&event, sizeof(event), 0);

    return 0;
}
