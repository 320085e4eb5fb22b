/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#include <uapi/linux/ptrace.h>

int probe(struct pt_regs *ctx)
{
    asm volatile("*(u64 *)(r10 - 13) = r1");
    return 0;
}
