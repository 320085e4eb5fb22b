/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#include <uapi/linux/ptrace.h>

u64 total;

int probe(struct pt_regs *ctx)
{
    total += 1;
    return 0;
}
