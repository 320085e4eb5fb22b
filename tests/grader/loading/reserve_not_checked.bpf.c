/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#include <uapi/linux/ptrace.h>

struct event { u64 ts_ns; };
BPF_RINGBUF_OUTPUT(events, 8);

int probe(struct pt_regs *ctx)
{
    struct event *event = events.ringbuf_reserve(sizeof(struct event));
    event->ts_ns = bpf_ktime_get_ns();
    events.ringbuf_submit(event, 0);
    return 0;
}
