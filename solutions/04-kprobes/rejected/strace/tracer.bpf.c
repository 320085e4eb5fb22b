// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// Exercise 4, rejected: runs, and looks at nothing.

#include <uapi/linux/ptrace.h>

// --- probes ---

int do_nothing_at_entry(struct pt_regs *ctx)
{
    return 0;
}

int do_nothing_at_return(struct pt_regs *ctx)
{
    return 0;
}
