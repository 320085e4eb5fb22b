/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#include <uapi/linux/ptrace.h>

BPF_ARRAY(sums, u64, 1);

int probe(struct pt_regs *ctx)
{
    int zero = 0;
    u64 *sum = sums.lookup(&zero);
    if (!sum)
        return 0;
    u64 times = bpf_ktime_get_ns();
    for (u64 i = 0; i < times; i++)
        *sum += bpf_get_prandom_u32();
    return 0;
}
