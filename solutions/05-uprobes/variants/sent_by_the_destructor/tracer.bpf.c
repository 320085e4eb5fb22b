// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// Exercise 5, variant: one event for each stream, from its destructor.
// BCC puts "GPL" into the license section by itself.
// Parameters (cflags): TARGET_CGROUP_ID, TARGET_CGROUP_LEVEL.

#include <uapi/linux/ptrace.h>

struct stream_t {
    u64 stream;
    u64 made_ns;
    u64 third_ns;
    u64 calls;
};

BPF_HASH(streams, u64, struct stream_t);
BPF_RINGBUF_OUTPUT(ended, 128);

static __always_inline bool in_target(void)
{
    return bpf_get_current_ancestor_cgroup_id(TARGET_CGROUP_LEVEL) == TARGET_CGROUP_ID;
}

int stream_made(struct pt_regs *ctx)
{
    if (!in_target())
        return 0;
    struct stream_t fresh = {.stream = PT_REGS_PARM1(ctx), .made_ns = bpf_ktime_get_ns()};
    streams.update(&fresh.stream, &fresh);
    return 0;
}

int metadata_call(struct pt_regs *ctx)
{
    if (!in_target())
        return 0;
    u64 stream = PT_REGS_PARM2(ctx);
    struct stream_t *kept = streams.lookup(&stream);
    if (kept && ++kept->calls == 3)
        kept->third_ns = bpf_ktime_get_ns();
    return 0;
}

int stream_ended(struct pt_regs *ctx)
{
    if (!in_target())
        return 0;
    u64 stream = PT_REGS_PARM1(ctx);
    struct stream_t *kept = streams.lookup(&stream);
    if (!kept)
        return 0;
    ended.ringbuf_output(kept, sizeof(*kept), 0);
    streams.delete(&stream);
    return 0;
}
