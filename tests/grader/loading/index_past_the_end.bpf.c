/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#include <uapi/linux/ptrace.h>

struct sample { u64 slots[4]; };
BPF_ARRAY(samples, struct sample, 1);

int probe(struct pt_regs *ctx)
{
    int zero = 0;
    struct sample *sample = samples.lookup(&zero);
    if (!sample)
        return 0;
    for (int slot = 0; slot <= 4; slot++)
        sample->slots[slot] += 1;
    return 0;
}
