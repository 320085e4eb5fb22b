/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#include <uapi/linux/ptrace.h>

struct event { u64 ts_ns; };

int probe(struct pt_regs *ctx)
{
    struct event event = {};
    event.timestamp = bpf_ktime_get_ns();
    return event.timestamp > 0;
}
