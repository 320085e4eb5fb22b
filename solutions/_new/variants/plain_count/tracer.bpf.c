// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// Exercise @NUMBER@, a variant: the entry is looked up and counted by hand.

#include <uapi/linux/ptrace.h>

struct caller_t {
    char comm[16];
};

BPF_HASH(counts, struct caller_t, u64, 1024);

int count_exec(struct pt_regs *ctx)
{
    struct caller_t caller = {};
    bpf_get_current_comm(&caller.comm, sizeof(caller.comm));
    u64 zero = 0;
    u64 *count = counts.lookup_or_try_init(&caller, &zero);
    if (count)
        lock_xadd(count, 1);
    return 0;
}
