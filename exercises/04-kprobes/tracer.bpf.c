// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// Exercise 4: every call of five system calls in one container, with its duration.
// BCC puts "GPL" into the license section by itself.
// Parameters (cflags in tracer.py): TARGET_CGROUP_ID, TARGET_CGROUP_LEVEL.

#include <uapi/linux/ptrace.h>

// The order of SYSCALLS in tracer.py.
enum syscall_number { READV, WRITEV, RECVFROM, SENDTO, EPOLL_WAIT, SYSCALLS };

// --- structs ---

// What the return must know about the entry.
struct start_t {
    u64 ts_ns;
    s32 fd;
};

// What Python gets for each call.
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

BPF_HASH(starts, u64, struct start_t, 10240); // a key of the calling thread -> its entry
BPF_ARRAY(calls, u64, SYSCALLS);              // calls entered
BPF_ARRAY(with_data, u64, SYSCALLS);          // calls that returned more than 0
BPF_RINGBUF_OUTPUT(events, 1024);             // pages: 4 MiB

// --- filter ---

static __always_inline bool in_target(void)
{
    // TODO 1: true only for tasks of the container and of the groups below it.
    //         bpf_templates/container_filter.bcc.c shows how.
    return true;
}

// --- probes ---

// Runs at the entry of each call.
static __always_inline int entered(int syscall, int fd)
{
    if (!in_target())
        return 0;

    // TODO 2: remember the time (bpf_ktime_get_ns) and fd in `starts`, under a key of this thread.
    //         bpf_templates/entry_return_latency.bcc.c shows entry and return together.

    calls.atomic_increment(syscall);
    return 0;
}

// Runs at the return of each call.
static __always_inline int returned(struct pt_regs *ctx, int syscall)
{
    struct event_t event = {};
    event.syscall = syscall;
    event.ret = PT_REGS_RC(ctx);

    // TODO 3: find this thread's entry in `starts`, fill the event (bpf_get_current_comm gives the
    //         name), delete the entry, add 1 to `with_data` if data came back, and send the event:
    //         events.ringbuf_output(&event, sizeof(event), 0);

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

// TODO 4: the same two functions for writev, recvfrom, sendto and epoll_wait.
