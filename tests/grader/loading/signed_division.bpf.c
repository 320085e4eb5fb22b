/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#include <uapi/linux/ptrace.h>

int probe(struct pt_regs *ctx)
{
    s64 now = bpf_ktime_get_ns();
    s64 by = bpf_get_prandom_u32();
    return now / -by;
}
