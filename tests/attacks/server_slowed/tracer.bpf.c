// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// A program that takes long: some hundred thousand steps at every call.

#include <uapi/linux/ptrace.h>

BPF_ARRAY(sums, u64, 1);

static long add_up(u32 step, void *sum)
{
    *(u64 *)sum += step;
    return 0;
}

int take_long(struct pt_regs *ctx)
{
    int zero = 0;
    u64 sum = 0, *kept = sums.lookup(&zero);

    bpf_loop(1 << 20, add_up, &sum, 0);
    if (kept)
        *kept += sum;
    return 0;
}
