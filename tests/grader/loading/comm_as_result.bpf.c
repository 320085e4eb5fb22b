/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#include <uapi/linux/ptrace.h>

int probe(struct pt_regs *ctx)
{
    char *name = bpf_get_current_comm();
    return name != 0;
}
