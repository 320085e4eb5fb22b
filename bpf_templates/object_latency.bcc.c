// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// Template: how long does a program work on one object, from the call that makes it to a later call about it?
//
// Copy it, then attach the later call first, so that no object is kept that nobody comes back for:
//
//     bpf = BPF(src_file="object_latency.bcc.c", cflags=["-DLAST_CALL=3"])
//     bpf.attach_uprobe(name="/path/of/the/binary", sym="use_object", fn_name="object_used")
//     bpf.attach_uprobe(name="/path/of/the/binary", sym="make_object", fn_name="object_made")
//     bpf["events"].open_ring_buffer(callback)
//     while True:
//         bpf.ring_buffer_poll(timeout=100)
//
// A uprobe is attached to a place in a file. It runs in every process that runs this file, in other containers
// too: add the filter of container_filter.bcc.c. A copy of the file is another file.
//
// `sym` is the name in the binary's symbol table. C++ packs the types of a function's arguments into it
// (`c++filt` unpacks it). A name that ends in .cold or .part.0 is a piece that the compiler cut off: another place.
//
// BCC puts "GPL" into the license section by itself.

#include <uapi/linux/ptrace.h>

// --- structs ---

// What a later call must know about the object.
struct object_t {
    u64 made_ns;
    u64 calls;
};

struct event_t {
    u64 object; // its address
    u64 ts_ns;  // made, nanoseconds since boot
    u64 duration_ns;
};

// --- maps ---

// The key is the object, because nothing else is the same in all its calls: they come on different threads,
// and between them come calls about other objects.
BPF_HASH(objects, u64, struct object_t, 10240);
BPF_ARRAY(lost, u64, 1);         // events that found the buffer full
BPF_RINGBUF_OUTPUT(events, 256); // 256 pages, 1 MiB: a power of two

// --- probes ---

// make_object(object): in C++ the first argument of a constructor (and of every method) is `this`.
int object_made(struct pt_regs *ctx)
{
    u64 object = PT_REGS_PARM1(ctx);
    struct object_t fresh = {};
    fresh.made_ns = bpf_ktime_get_ns();
    // Memory is used again: there may be an old object of this address. `update` replaces it, `insert` would not.
    objects.update(&object, &fresh);
    return 0;
}

// use_object(something, object)
int object_used(struct pt_regs *ctx)
{
    u64 now_ns = bpf_ktime_get_ns();
    u64 object = PT_REGS_PARM2(ctx);
    struct object_t *kept = objects.lookup(&object);
    if (!kept)
        return 0; // made before the probes were there

    // Not atomic: this program works on one object from one thread at a time.
    kept->calls += 1;
    if (kept->calls != LAST_CALL)
        return 0;

    struct event_t event = {};
    event.object = object;
    event.ts_ns = kept->made_ns;
    event.duration_ns = now_ns - kept->made_ns;
    if (events.ringbuf_output(&event, sizeof(event), 0) != 0)
        lost.atomic_increment(0);
    return 0;
}
