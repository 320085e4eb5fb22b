// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// Exercise 2, rejected: only prints.

#include <uapi/linux/ptrace.h>

// --- probes ---

int say_hello(struct pt_regs *ctx)
{
    bpf_trace_printk("hello\n");
    return 0;
}
