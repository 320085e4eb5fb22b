// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// Exercise 3: which calls move data in one container, and what their descriptors stand for.
// BCC puts "GPL" into the license section by itself.
// Parameters (cflags in tracer.py): TARGET_CGROUP_ID, TARGET_CGROUP_LEVEL.

#include <asm/unistd.h>
#include <uapi/linux/stat.h>

// The order of KINDS in tracer.py.
enum fd_kind { KIND_OTHER, KIND_INET, KIND_UNIX, KIND_PIPE, KIND_EVENTFD };

// A server that listens to IPv4 and IPv6 at once has sockets of the family INET6.
enum family { FAMILY_UNIX = 1, FAMILY_INET = 2, FAMILY_INET6 = 10 };

// --- structs ---

// What a descriptor stands for.
struct fd_t {
    u32 kind;
    u32 port; // the server's own, for KIND_INET
};

// What is counted under one number.
struct row_t {
    u32 nr; // the system call's number
    struct fd_t fd;
};

// How three of the kernel's structures begin. These beginnings have not changed for years. Where other fields lie,
// kernel_fields.py asks the running kernel: TASK_STRUCT_FILES and the like come from there.
struct fdtable_start {
    u32 max_fds;
    void **fd;
};

struct socket_start {
    u32 state;
    s16 type;
    unsigned long flags;
    void *file;
    struct sock_start *sk;
};

struct sock_start {
    u64 addresses;
    u32 hash;
    u16 remote_port;
    u16 local_port;
    u16 family; // FAMILY_...
};

// --- maps ---

BPF_HASH(started, u64, struct row_t, 10240); // a thread that is inside a call -> the call's row
BPF_HASH(calls, struct row_t, u64, 1024);
BPF_HASH(with_data, struct row_t, u64, 1024);

// --- filters ---

static __always_inline bool in_target(void)
{
    // TODO 1: true only for tasks of the container and of the groups below it.
    //         bpf_templates/container_filter.bcc.c shows how.
    return true;
}

// The eight calls that move data. __NR_... is the number of a call on this CPU.
static __always_inline bool is_wanted(long nr)
{
    return nr == __NR_read || nr == __NR_write || nr == __NR_readv || nr == __NR_writev ||
           nr == __NR_recvfrom || nr == __NR_sendto || nr == __NR_recvmsg || nr == __NR_sendmsg;
}

// --- descriptors ---

static __always_inline struct fd_t look_at_fd(u32 fd)
{
    struct fd_t found = {};
    // TODO 2: find out what the descriptor stands for. bpf_templates/fd_kind.bcc.c shows how, step by step:
    //         copy its three functions here, over this one.
    return found; // KIND_OTHER
}

// --- probes ---

// At the entry of every system call of the machine: `args` holds its number and its six arguments.
TRACEPOINT_PROBE(raw_syscalls, sys_enter)
{
    if (!is_wanted(args->id) || !in_target())
        return 0;
    u64 thread = bpf_get_current_pid_tgid();
    struct row_t row = {};
    row.nr = args->id;
    row.fd = look_at_fd(args->args[0]); // the first argument of all eight calls is the descriptor
    started.update(&thread, &row);      // the exit knows the result, but no descriptor
    return 0;
}

// At the exit of every system call: `args` holds its number and its result.
TRACEPOINT_PROBE(raw_syscalls, sys_exit)
{
    u64 thread = bpf_get_current_pid_tgid();
    struct row_t *begun = started.lookup(&thread);
    if (!begun)
        return 0; // not one of the calls that the entry let through
    struct row_t row = *begun;
    started.delete(&thread);

    calls.atomic_increment(row);
    // TODO 3: count it in `with_data` too, if it moved data. args->ret is the result, a signed number.
    return 0;
}
