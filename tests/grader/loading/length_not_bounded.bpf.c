/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#include <uapi/linux/ptrace.h>

int probe(struct pt_regs *ctx)
{
    char text[16] = {};
    long length = bpf_ktime_get_ns();
    bpf_probe_read_kernel(text, length, (void *)bpf_get_current_task());
    return text[0];
}
