// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// Exercise 5, variant: each call of both functions goes to Python as it is.
// BCC puts "GPL" into the license section by itself.
// Parameters (cflags): TARGET_PID.

#include <uapi/linux/ptrace.h>

struct call_t {
    u64 stream;
    u64 ts_ns;
    u64 made;
};

BPF_PERF_OUTPUT(calls);

static __always_inline int send(struct pt_regs *ctx, u64 stream, u64 made)
{
    // One process runs this file in the container: its number is filter enough here.
    if (bpf_get_current_pid_tgid() >> 32 != TARGET_PID)
        return 0;
    struct call_t call = {.stream = stream, .ts_ns = bpf_ktime_get_ns(), .made = made};
    calls.perf_submit(ctx, &call, sizeof(call));
    return 0;
}

int stream_made(struct pt_regs *ctx)
{
    return send(ctx, PT_REGS_PARM1(ctx), 1);
}

int metadata_call(struct pt_regs *ctx)
{
    return send(ctx, PT_REGS_PARM2(ctx), 0);
}
