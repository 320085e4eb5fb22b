// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// Exercise 5, variant: one map for the starts, one for the calls; totals in a per-CPU array.
// BCC puts "GPL" into the license section by itself.
// Parameters (cflags): TARGET_CGROUP_ID, TARGET_CGROUP_LEVEL.

#include <uapi/linux/ptrace.h>

struct latency_t {
    u64 stream;
    u64 made_ns;
    u64 latency_ns;
};

BPF_HASH(made_at, u64, u64, 4096);
BPF_HASH(calls_of, u64, u32, 4096);
BPF_PERCPU_ARRAY(totals, u64, 4); // streams, third calls, fourth calls, calls
BPF_RINGBUF_OUTPUT(latencies, 64);

static __always_inline bool in_target(void)
{
    return bpf_get_current_ancestor_cgroup_id(TARGET_CGROUP_LEVEL) == TARGET_CGROUP_ID;
}

int stream_made(struct pt_regs *ctx)
{
    u64 now_ns = bpf_ktime_get_ns(), stream = PT_REGS_PARM1(ctx);
    u32 none = 0;
    if (!in_target())
        return 0;
    made_at.update(&stream, &now_ns);
    calls_of.update(&stream, &none);
    totals.atomic_increment(0);
    return 0;
}

int metadata_call(struct pt_regs *ctx)
{
    u64 now_ns = bpf_ktime_get_ns(), stream = PT_REGS_PARM2(ctx);
    if (!in_target())
        return 0;
    u64 *made_ns = made_at.lookup(&stream);
    u32 *calls = calls_of.lookup(&stream);
    if (!made_ns || !calls)
        return 0;
    *calls += 1;
    totals.atomic_increment(3);
    if (*calls == 4)
        totals.atomic_increment(2);
    if (*calls != 3)
        return 0;
    totals.atomic_increment(1);
    struct latency_t one = {.stream = stream, .made_ns = *made_ns, .latency_ns = now_ns - *made_ns};
    latencies.ringbuf_output(&one, sizeof(one), 0);
    return 0;
}
