// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// Exercise 2, rejected: prints, and has a map that holds no names.

#include <uapi/linux/ptrace.h>

// --- maps ---

BPF_HASH(ran, u32, u64, 64);

// --- probes ---

int say_hello(struct pt_regs *ctx)
{
    u32 key = 0;
    ran.atomic_increment(key);
    bpf_trace_printk("hello\n");
    return 0;
}
