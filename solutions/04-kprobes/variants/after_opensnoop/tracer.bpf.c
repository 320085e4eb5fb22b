// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// Exercise 4, variant: written after BCC's opensnoop, with all that its headers bring in: it compiles for long.
// Parameters (cflags): CGROUP, LEVEL.

#include <uapi/linux/ptrace.h>
#include <uapi/linux/limits.h>
#include <linux/sched.h>
#include <linux/fs.h>

// --- structs ---

struct val_t {
    u64 ts;
    u32 pid;
    int fd;
    char comm[TASK_COMM_LEN];
};

struct data_t {
    u64 ts;
    u64 delta;
    s64 ret;
    u32 pid;
    u32 tid;
    int fd;
    u32 which;
    char comm[TASK_COMM_LEN];
};

// --- maps ---

BPF_HASH(infotmp, u32, struct val_t);
BPF_PERF_OUTPUT(events);

// --- probes ---

static int enter(int fd)
{
    u64 id = bpf_get_current_pid_tgid();
    u32 pid = id >> 32, tid = id;
    if (bpf_get_current_ancestor_cgroup_id(LEVEL) != CGROUP)
        return 0;
    struct val_t val = {};
    if (bpf_get_current_comm(&val.comm, sizeof(val.comm)) == 0) {
        val.pid = pid;
        val.ts = bpf_ktime_get_ns();
        val.fd = fd;
        infotmp.update(&tid, &val);
    }
    return 0;
}

static int leave(struct pt_regs *ctx, u32 which)
{
    u64 id = bpf_get_current_pid_tgid();
    u32 tid = id;
    struct val_t *valp;
    struct data_t data = {};
    u64 tsp = bpf_ktime_get_ns();
    valp = infotmp.lookup(&tid);
    if (valp == 0)
        return 0;
    __builtin_memcpy(&data.comm, valp->comm, sizeof(data.comm));
    data.ts = valp->ts;
    data.delta = tsp - valp->ts;
    data.ret = PT_REGS_RC(ctx);
    data.pid = valp->pid;
    data.tid = tid;
    data.fd = valp->fd;
    data.which = which;
    events.perf_submit(ctx, &data, sizeof(data));
    infotmp.delete(&tid);
    return 0;
}

int syscall__readv(struct pt_regs *ctx, int fd) { return enter(fd); }
int syscall__writev(struct pt_regs *ctx, int fd) { return enter(fd); }
int syscall__recvfrom(struct pt_regs *ctx, int fd) { return enter(fd); }
int syscall__sendto(struct pt_regs *ctx, int fd) { return enter(fd); }
int syscall__epoll_wait(struct pt_regs *ctx, int fd) { return enter(fd); }
int ret_readv(struct pt_regs *ctx) { return leave(ctx, 0); }
int ret_writev(struct pt_regs *ctx) { return leave(ctx, 1); }
int ret_recvfrom(struct pt_regs *ctx) { return leave(ctx, 2); }
int ret_sendto(struct pt_regs *ctx) { return leave(ctx, 3); }
int ret_epoll_wait(struct pt_regs *ctx) { return leave(ctx, 4); }
