// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// Exercise 2, rejected: a call that failed was called all the same.

#include <uapi/linux/ptrace.h>

// --- structs ---

struct caller_t {
    char comm[16];
};

// --- maps ---

BPF_HASH(counts, struct caller_t, u64, 1024);
BPF_HASH(callers, u32, struct caller_t, 1024);

// --- probes ---

int remember_caller(struct pt_regs *ctx)
{
    u32 pid = bpf_get_current_pid_tgid() >> 32;
    struct caller_t caller = {};
    bpf_get_current_comm(&caller.comm, sizeof(caller.comm));
    callers.update(&pid, &caller);
    return 0;
}

int count_success(struct pt_regs *ctx)
{
    u32 pid = bpf_get_current_pid_tgid() >> 32;
    struct caller_t *found = callers.lookup(&pid);
    if (!found)
        return 0;
    struct caller_t caller = *found;
    callers.delete(&pid);
    if (PT_REGS_RC(ctx) == 0)
        counts.atomic_increment(caller);
    return 0;
}
