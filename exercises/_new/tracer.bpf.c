// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// Exercise @NUMBER@: who calls execve, and how often.

#include <uapi/linux/ptrace.h>

struct caller_t {
    char comm[16]; // 15 characters of a thread's name and a zero
};

BPF_HASH(counts, struct caller_t, u64, 1024);

// Runs at the entry of execve.
int count_exec(struct pt_regs *ctx)
{
    struct caller_t caller = {};
    bpf_get_current_comm(&caller.comm, sizeof(caller.comm));

    // TODO 1: add 1 to the caller's entry in `counts`.

    return 0;
}
