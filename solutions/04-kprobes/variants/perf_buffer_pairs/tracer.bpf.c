// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// Exercise 4, variant: no counts in the kernel. Each return sends all it knows, Python counts.
// Parameters (cflags): CGROUP, LEVEL.

#include <uapi/linux/ptrace.h>
#include <linux/sched.h> // TASK_COMM_LEN

// --- structs ---

struct begun_t {
    u64 at;
    u64 args_fd;
};

struct done_t {
    u64 at;
    u64 took;
    u64 id;
    long ret;
    int fd;
    int what;
    char name[TASK_COMM_LEN];
};

// --- maps ---

BPF_HASH(begun, u32, struct begun_t);
BPF_PERF_OUTPUT(done);

// --- filter ---

static inline int ours(void)
{
    return bpf_get_current_ancestor_cgroup_id(LEVEL) == CGROUP;
}

// --- probes ---

static inline int begin(int fd)
{
    // A thread's number is its own on the whole machine: enough as a key.
    u32 tid = bpf_get_current_pid_tgid();
    struct begun_t now = {.at = bpf_ktime_get_ns(), .args_fd = fd};
    if (ours())
        begun.update(&tid, &now);
    return 0;
}

static inline int end(struct pt_regs *ctx, int what)
{
    u64 id = bpf_get_current_pid_tgid();
    u32 tid = id;
    struct begun_t *then = begun.lookup(&tid);
    if (!then)
        return 0;
    struct done_t out = {.at = then->at, .took = bpf_ktime_get_ns() - then->at, .id = id};
    out.ret = PT_REGS_RC(ctx);
    out.fd = then->args_fd;
    out.what = what;
    bpf_get_current_comm(out.name, sizeof(out.name));
    begun.delete(&tid);
    done.perf_submit(ctx, &out, sizeof(out));
    return 0;
}

int syscall__readv(struct pt_regs *ctx, int fd)
{
    return begin(fd);
}

int end_readv(struct pt_regs *ctx)
{
    return end(ctx, 0);
}

int syscall__writev(struct pt_regs *ctx, int fd)
{
    return begin(fd);
}

int end_writev(struct pt_regs *ctx)
{
    return end(ctx, 1);
}

int syscall__recvfrom(struct pt_regs *ctx, int fd)
{
    return begin(fd);
}

int end_recvfrom(struct pt_regs *ctx)
{
    return end(ctx, 2);
}

int syscall__sendto(struct pt_regs *ctx, int fd)
{
    return begin(fd);
}

int end_sendto(struct pt_regs *ctx)
{
    return end(ctx, 3);
}

int syscall__epoll_wait(struct pt_regs *ctx, int fd)
{
    return begin(fd);
}

int end_epoll_wait(struct pt_regs *ctx)
{
    return end(ctx, 4);
}
