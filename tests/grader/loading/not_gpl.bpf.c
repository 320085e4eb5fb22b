/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#define BPF_LICENSE Proprietary
#include <uapi/linux/ptrace.h>

int probe(struct pt_regs *ctx)
{
    bpf_trace_printk("hello\n");
    return 0;
}
