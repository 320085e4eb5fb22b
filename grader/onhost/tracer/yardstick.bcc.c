// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// A tracer of ours, as large as the one that exercise 4 asks for: only what it takes to load it is looked at.
#include <uapi/linux/ptrace.h>

struct start {
    u64 ts_ns;
    u64 fd;
};

struct event {
    u64 ts_ns;
    u64 duration_ns;
    u64 ret;
    u32 pid;
    u32 tid;
    u32 fd;
    u32 which;
    char comm[16];
};

BPF_HASH(starts, u64, struct start, 10240);
BPF_ARRAY(calls, u64, 5);
BPF_RINGBUF_OUTPUT(events, 16);

static int entered(u32 which, u64 fd)
{
    u64 id = bpf_get_current_pid_tgid();
    struct start start = {.ts_ns = bpf_ktime_get_ns(), .fd = fd};
    int key = which;

    starts.update(&id, &start);
    calls.atomic_increment(key);
    return 0;
}

static int returned(u32 which, long ret)
{
    u64 id = bpf_get_current_pid_tgid();
    struct start *start = starts.lookup(&id);
    struct event event = {};

    if (!start)
        return 0;
    event.ts_ns = start->ts_ns;
    event.duration_ns = bpf_ktime_get_ns() - start->ts_ns;
    event.ret = ret;
    event.pid = id >> 32;
    event.tid = id;
    event.fd = start->fd;
    event.which = which;
    bpf_get_current_comm(event.comm, sizeof(event.comm));
    starts.delete(&id);
    events.ringbuf_output(&event, sizeof(event), 0);
    return 0;
}

int enter_setdomainname(struct pt_regs *ctx) { return entered(0, PT_REGS_PARM1(ctx)); }
int return_setdomainname(struct pt_regs *ctx) { return returned(0, PT_REGS_RC(ctx)); }

int enter_pivot_root(struct pt_regs *ctx) { return entered(1, PT_REGS_PARM1(ctx)); }
int return_pivot_root(struct pt_regs *ctx) { return returned(1, PT_REGS_RC(ctx)); }

int enter_reboot(struct pt_regs *ctx) { return entered(2, PT_REGS_PARM1(ctx)); }
int return_reboot(struct pt_regs *ctx) { return returned(2, PT_REGS_RC(ctx)); }

int enter_settimeofday(struct pt_regs *ctx) { return entered(3, PT_REGS_PARM1(ctx)); }
int return_settimeofday(struct pt_regs *ctx) { return returned(3, PT_REGS_RC(ctx)); }

int enter_sethostname(struct pt_regs *ctx) { return entered(4, PT_REGS_PARM1(ctx)); }
int return_sethostname(struct pt_regs *ctx) { return returned(4, PT_REGS_RC(ctx)); }
