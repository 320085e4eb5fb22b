/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#include <uapi/linux/ptrace.h>

int probe(struct pt_regs *ctx)
{
    int result;
    asm volatile("%0 = r5" : "=r"(result));
    return result;
}
