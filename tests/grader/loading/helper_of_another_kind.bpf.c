/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#include <uapi/linux/ptrace.h>

int probe(struct pt_regs *ctx)
{
    char data[8] = {};
    bpf_skb_load_bytes((void *)ctx, 0, data, sizeof(data));
    return data[0];
}
