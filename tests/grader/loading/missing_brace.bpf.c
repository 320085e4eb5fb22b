/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#include <uapi/linux/ptrace.h>

int probe(struct pt_regs *ctx)
{
    if (bpf_ktime_get_ns()) {
        return 1;
    return 0;
}
