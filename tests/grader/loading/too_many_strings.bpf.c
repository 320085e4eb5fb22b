/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#include <uapi/linux/ptrace.h>

int probe(struct pt_regs *ctx)
{
    bpf_trace_printk("%d %d %d %d\n", 1, 2, 3, 4);
    return 0;
}
