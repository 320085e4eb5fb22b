/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#include <uapi/linux/ptrace.h>

BPF_HASH(counts, u32, u64);

int probe(struct pt_regs *ctx)
{
    u32 key = bpf_get_current_pid_tgid() >> 32;
    u64 *count = counts.lookup(&key);
    *count += 1;
    return 0;
}
