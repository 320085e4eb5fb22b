// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// Exercise 4, variant: the kernel compares the cgroup, the start's key names thread and system call,
// and all counts are made at the return.

#include <uapi/linux/ptrace.h>

// --- structs ---

struct call_t {
    u64 pid_tgid;
    u64 syscall;
};

struct start_t {
    u64 ns;
    u64 fd;
};

struct slot_t {
    u32 syscall;
    u32 with_data;
};

struct event_t {
    u64 ns;
    u64 duration_ns;
    s64 ret;
    u64 pid_tgid;
    u32 syscall;
    int fd;
    char comm[16];
};

// --- maps ---

BPF_CGROUP_ARRAY(container, 1);
BPF_HASH(open_calls, struct call_t, struct start_t, 4096);
BPF_HASH(counts, struct slot_t, u64, 64);
BPF_RINGBUF_OUTPUT(events, 2048);

// --- filter ---

static inline int ours(void)
{
    // Asks for the whole subtree below the folder that Python put into the array.
    return container.check_current_task(0) > 0;
}

// --- probes ---

static inline int begin(u64 syscall, int fd)
{
    struct call_t call = {.pid_tgid = bpf_get_current_pid_tgid(), .syscall = syscall};
    struct start_t start = {.fd = fd};
    if (!ours())
        return 0;
    start.ns = bpf_ktime_get_ns();
    open_calls.update(&call, &start);
    return 0;
}

static inline int end(struct pt_regs *ctx, u64 syscall)
{
    struct call_t call = {.pid_tgid = bpf_get_current_pid_tgid(), .syscall = syscall};
    struct start_t *start = open_calls.lookup(&call);
    if (!start)
        return 0;
    long ret = (long)PT_REGS_RC(ctx);

    struct event_t *event = events.ringbuf_reserve(sizeof(struct event_t));
    if (event) {
        event->ns = start->ns;
        event->duration_ns = bpf_ktime_get_ns() - start->ns;
        event->fd = start->fd;
        event->ret = ret;
        event->pid_tgid = call.pid_tgid;
        event->syscall = syscall;
        bpf_get_current_comm(&event->comm, sizeof(event->comm));
        events.ringbuf_submit(event, 0);
    }
    open_calls.delete(&call);

    struct slot_t slot = {.syscall = syscall, .with_data = ret > 0};
    u64 zero = 0, *count = counts.lookup_or_try_init(&slot, &zero);
    if (count)
        lock_xadd(count, 1);
    return 0;
}

int syscall__readv(struct pt_regs *ctx, int fd)
{
    return begin(0, fd);
}

int leave_readv(struct pt_regs *ctx)
{
    return end(ctx, 0);
}

int syscall__writev(struct pt_regs *ctx, int fd)
{
    return begin(1, fd);
}

int leave_writev(struct pt_regs *ctx)
{
    return end(ctx, 1);
}

int syscall__recvfrom(struct pt_regs *ctx, int fd)
{
    return begin(2, fd);
}

int leave_recvfrom(struct pt_regs *ctx)
{
    return end(ctx, 2);
}

int syscall__sendto(struct pt_regs *ctx, int fd)
{
    return begin(3, fd);
}

int leave_sendto(struct pt_regs *ctx)
{
    return end(ctx, 3);
}

int syscall__epoll_wait(struct pt_regs *ctx, int fd)
{
    return begin(4, fd);
}

int leave_epoll_wait(struct pt_regs *ctx)
{
    return end(ctx, 4);
}
