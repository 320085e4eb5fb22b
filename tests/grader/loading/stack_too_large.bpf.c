/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#include <uapi/linux/ptrace.h>

BPF_PERF_OUTPUT(events);

int probe(struct pt_regs *ctx)
{
    char name[600] = {};
    bpf_probe_read_kernel(name, sizeof(name), (void *)bpf_get_current_task());
    events.perf_submit(ctx, name, sizeof(name));
    return 0;
}
