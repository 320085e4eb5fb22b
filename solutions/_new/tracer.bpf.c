// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// Exercise @NUMBER@, solution: who calls execve, and how often.

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

    counts.atomic_increment(caller); // two CPUs may be here at the same time

    return 0;
}
