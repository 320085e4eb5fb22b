// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
//
// The gate: which eBPF programs a tracer may load. Capabilities cannot tell a program that looks from one that acts on
// other processes: CAP_PERFMON lets a kprobe kill whoever calls the function. This looks at the instructions themselves,
// after the kernel has copied them and before its verifier runs, so nothing can be exchanged in between.

#include "in_jail.bpf.h"

#define EPERM 1

#define AT_ONCE 24
#define MOST_INSTRUCTIONS (170 * AT_ONCE) // BCC's tracers have some hundred

// Its members, and what `what` may be, come from noted_refusal.py.
struct refusal {
    REFUSAL_MEMBERS
};

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, REFUSALS_AT_MOST);
    __type(key, struct refusal);
    __type(value, u64);
} refused SEC(".maps");

static inline int refuse(struct refusal *which, u32 what)
{
    u64 once = 1;

    which->what = what;
    bpf_map_update_elem(&refused, which, &once, BPF_ANY);
    return -EPERM;
}

// Kinds of programs that only look, or that a network namespace of the tracer's own confines.
static inline int only_looks(u32 kind, u32 attach)
{
    switch (kind) {
    case BPF_PROG_TYPE_SOCKET_FILTER:
    case BPF_PROG_TYPE_KPROBE:
    case BPF_PROG_TYPE_SCHED_CLS:
    case BPF_PROG_TYPE_TRACEPOINT:
    case BPF_PROG_TYPE_XDP:
    case BPF_PROG_TYPE_PERF_EVENT:
    case BPF_PROG_TYPE_RAW_TRACEPOINT:
        return 1;
    case BPF_PROG_TYPE_TRACING:
        // Not BPF_MODIFY_RETURN: it makes other people's system calls fail.
        return attach == BPF_TRACE_FENTRY || attach == BPF_TRACE_FEXIT || attach == BPF_TRACE_RAW_TP ||
               attach == BPF_TRACE_ITER;
    }
    return 0;
}

// libbpf's question whether the kernel knows attach types at all, asked when bpftool loads anything: it is answered
// with no, as an old kernel would, and says nothing about the tracer.
static inline int is_libbpf_asking(u32 kind, u32 length)
{
    return kind == BPF_PROG_TYPE_CGROUP_SOCK && length == 2;
}

// 1 when they are equal, else 0, without a branch: the verifier follows each branch of each instruction that is looked
// at, and gives up after 8,192 of them.
static inline u64 same(u64 one, u64 other)
{
    u64 differ = one ^ other;

    asm volatile("" : "+r"(differ)); // or the compiler makes a branch of it
    return (differ - 1) >> 63;
}

static inline u64 acts_on_others(u64 helper)
{
    return same(helper, BPF_FUNC_probe_write_user) | same(helper, BPF_FUNC_override_return) |
           same(helper, BPF_FUNC_send_signal) | same(helper, BPF_FUNC_send_signal_thread) |
           same(helper, BPF_FUNC_sys_bpf);
}

SEC("lsm/bpf_prog_load")
int look_at_program(u64 *ctx)
{
    struct bpf_prog *prog = (struct bpf_prog *)ctx[0];
    union bpf_attr *attr = (union bpf_attr *)ctx[1];
    struct refusal which = {};
    struct bpf_insn some[AT_ONCE];
    u32 kind = 0, attach = 0, length = 0, at, number;
    u64 kernel_function = 0, bad = 0;

    if (!is_in_jail(which.unit))
        return 0;
    bpf_probe_read_kernel(&kind, sizeof(kind), &attr->prog_type);
    bpf_probe_read_kernel(&attach, sizeof(attach), &attr->expected_attach_type);
    length = BPF_CORE_READ(prog, len);
    // Asked in this branch: one more branch before the loop, and the verifier follows the loop twice and gives up.
    if (!only_looks(kind, attach))
        return is_libbpf_asking(kind, length) ? -EPERM : refuse(&which, KIND + kind);
    if (length > MOST_INSTRUCTIONS)
        return refuse(&which, TOO_LONG);
#pragma clang loop unroll(disable)
    for (at = 0; at < MOST_INSTRUCTIONS; at += AT_ONCE) {
        u64 left;
        if (at >= length)
            return 0;
        left = length - at;
        if (left > AT_ONCE)
            left = AT_ONCE;
        asm volatile("" : "+r"(left)); // or the verifier loses sight of the limit
        if (left > AT_ONCE)
            return -EPERM;
        __builtin_memset(some, 0, sizeof(some));
        if (bpf_probe_read_kernel(some, left * sizeof(some[0]),
                                  (void *)prog + bpf_core_field_offset(struct bpf_prog, insnsi) + at * sizeof(some[0])))
            return refuse(&which, UNREADABLE);
#pragma clang loop unroll(disable)
        for (number = 0; number < AT_ONCE; number++) {
            u64 helper = (u32)some[number].imm, is_call = same(some[number].code, BPF_JMP | BPF_CALL);
            u64 acts = is_call & same(some[number].src_reg, 0) & acts_on_others(helper);

            // What the kernel offers beside its helpers grows with every version: no exercise needs it.
            kernel_function |= is_call & same(some[number].src_reg, BPF_PSEUDO_KFUNC_CALL);
            bad += acts * (helper - bad);
        }
        if (bad)
            return refuse(&which, bad);
        if (kernel_function)
            return refuse(&which, KERNEL_FUNCTION);
        if (left < AT_ONCE)
            return 0;
    }
    return 0;
}
