// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// Exercise 4, rejected: `tid` is the process's number: the upper half, as for `pid`.
// BCC puts "GPL" into the license section by itself.
// Parameters (cflags): TARGET_CGROUP_ID, TARGET_CGROUP_LEVEL.

#include <uapi/linux/ptrace.h>

// The order of SYSCALLS in tracer.py.
enum syscall_number { READV, WRITEV, RECVFROM, SENDTO, EPOLL_WAIT, SYSCALLS };

// --- structs ---

struct start_t {
    u64 ts_ns;
    s32 fd;
};

struct event_t {
    u64 ts_ns; // entry, the kernel's monotonic clock
    u64 duration_ns;
    s64 ret; // signed: an error is a small negative number
    u32 pid;
    u32 tid;
    s32 fd;
    u32 syscall;
    char comm[16];
};

// --- maps ---

BPF_HASH(starts, u64, struct start_t, 10240);
BPF_ARRAY(calls, u64, SYSCALLS);
BPF_ARRAY(with_data, u64, SYSCALLS);
BPF_ARRAY(lost, u64, 1);
BPF_RINGBUF_OUTPUT(events, 1024); // pages: 4 MiB

// --- filter ---

static __always_inline bool in_target(void)
{
    // The ancestor at the container's own depth: true for child groups of the container too.
    return bpf_get_current_ancestor_cgroup_id(TARGET_CGROUP_LEVEL) == TARGET_CGROUP_ID;
}

// --- probes ---

static __always_inline int entered(int syscall, int fd)
{
    if (!in_target())
        return 0;
    // A thread is in one system call at a time, a process in many: the key holds both numbers.
    u64 thread = bpf_get_current_pid_tgid();
    struct start_t start = {};
    start.fd = fd;
    start.ts_ns = bpf_ktime_get_ns();
    starts.update(&thread, &start);
    calls.atomic_increment(syscall);
    return 0;
}

static __always_inline int returned(struct pt_regs *ctx, int syscall)
{
    u64 now_ns = bpf_ktime_get_ns();
    u64 thread = bpf_get_current_pid_tgid();
    struct start_t *start = starts.lookup(&thread);
    if (!start)
        return 0; // another container's call, or one that began before the probes were there

    struct event_t event = {};
    event.ts_ns = start->ts_ns;
    event.duration_ns = now_ns - start->ts_ns;
    event.fd = start->fd;
    event.ret = PT_REGS_RC(ctx);
    event.pid = thread >> 32;
    event.tid = thread >> 32;
    event.syscall = syscall;
    bpf_get_current_comm(&event.comm, sizeof(event.comm));
    starts.delete(&thread);

    if (event.ret > 0)
        with_data.atomic_increment(syscall);
    if (events.ringbuf_output(&event, sizeof(event), 0) != 0)
        lost.atomic_increment(0);
    return 0;
}

// BCC reads the arguments of a function named syscall__... from the registers that the system
// call's wrapper was given. Under any other name `fd` would be the wrapper's own pointer.
int syscall__readv(struct pt_regs *ctx, int fd)
{
    return entered(READV, fd);
}

int return_readv(struct pt_regs *ctx)
{
    return returned(ctx, READV);
}

int syscall__writev(struct pt_regs *ctx, int fd)
{
    return entered(WRITEV, fd);
}

int return_writev(struct pt_regs *ctx)
{
    return returned(ctx, WRITEV);
}

int syscall__recvfrom(struct pt_regs *ctx, int fd)
{
    return entered(RECVFROM, fd);
}

int return_recvfrom(struct pt_regs *ctx)
{
    return returned(ctx, RECVFROM);
}

int syscall__sendto(struct pt_regs *ctx, int fd)
{
    return entered(SENDTO, fd);
}

int return_sendto(struct pt_regs *ctx)
{
    return returned(ctx, SENDTO);
}

int syscall__epoll_wait(struct pt_regs *ctx, int fd)
{
    return entered(EPOLL_WAIT, fd);
}

int return_epoll_wait(struct pt_regs *ctx)
{
    return returned(ctx, EPOLL_WAIT);
}
