// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// Exercise 1, variant: a second program at another place, and a count of one's own.

BPF_ARRAY(own_count, u64, 1);

int started(struct bpf_raw_tracepoint_args *ctx)
{
    own_count.atomic_increment(0);
    return 0;
}

int ended(struct bpf_raw_tracepoint_args *ctx) { return 0; }
