/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#include <uapi/linux/ptrace.h>

BPF_HASH(counts, u32, u64);

int probe(struct pt_regs *ctx)
{
    u32 key = 0;
    counts.add(&key);
    return 0;
}
