/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#include <uapi/linux/ptrace.h>

int probe(struct pt_regs *ctx)
{
    asm volatile("r0 = 0; exit");
    bpf_trace_printk("never\n");
    return 0;
}
