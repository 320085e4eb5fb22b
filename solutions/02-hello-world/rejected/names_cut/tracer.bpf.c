// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// Exercise 2, rejected: has no room for the end of a long name.
// BCC puts "GPL" into the license section by itself; bpf_trace_printk needs it.

#include <uapi/linux/ptrace.h>

// --- structs ---

struct caller_t {
    char comm[12];
};

// --- maps ---

BPF_HASH(counts, struct caller_t, u64, 1024);

// --- probes ---

int count_exec(struct pt_regs *ctx)
{
    // On entry the old program still runs, so this is the caller's name. After a successful
    // execve the same question would answer with the new program's name.
    struct caller_t caller = {};
    bpf_get_current_comm(&caller.comm, sizeof(caller.comm));

    bpf_trace_printk("execve called\n");
    counts.atomic_increment(caller); // two CPUs may be here at the same time
    return 0;
}
