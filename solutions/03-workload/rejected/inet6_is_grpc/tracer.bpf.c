// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// Exercise 3, rejected: every socket of the family INET6 is taken for gRPC.
// BCC puts "GPL" into the license section by itself.
// Parameters (cflags): TARGET_CGROUP_ID, TARGET_CGROUP_LEVEL.

#include <asm/unistd.h>
#include <uapi/linux/stat.h>

// The order of KINDS in tracer.py.
enum fd_kind { KIND_OTHER, KIND_INET, KIND_UNIX, KIND_PIPE, KIND_EVENTFD };

// A server that listens to IPv4 and IPv6 at once has sockets of the family INET6.
enum family { FAMILY_UNIX = 1, FAMILY_INET = 2, FAMILY_INET6 = 10 };

// --- structs ---

struct fd_t {
    u32 kind;
    u32 port;
};

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
    return bpf_get_current_ancestor_cgroup_id(TARGET_CGROUP_LEVEL) == TARGET_CGROUP_ID;
}

static __always_inline bool is_wanted(long nr)
{
    return nr == __NR_read || nr == __NR_write || nr == __NR_readv || nr == __NR_writev ||
           nr == __NR_recvfrom || nr == __NR_sendto || nr == __NR_recvmsg || nr == __NR_sendmsg;
}

// --- descriptors: from bpf_templates/fd_kind.bcc.c ---

static __always_inline void *file_of(u32 fd)
{
    void *task = (void *)bpf_get_current_task();
    void *files = NULL;
    struct fdtable_start *table = NULL;
    void **slots = NULL;
    void *file = NULL;
    u32 size = 0;

    bpf_probe_read_kernel(&files, sizeof(files), task + TASK_STRUCT_FILES);
    bpf_probe_read_kernel(&table, sizeof(table), files + FILES_STRUCT_FDT);
    bpf_probe_read_kernel(&size, sizeof(size), &table->max_fds);
    if (fd >= size)
        return NULL;
    bpf_probe_read_kernel(&slots, sizeof(slots), &table->fd);
    bpf_probe_read_kernel(&file, sizeof(file), &slots[fd]);
    return file;
}

static __always_inline struct fd_t look_at_socket(void *file)
{
    struct fd_t found = {};
    struct socket_start *socket = NULL;
    struct sock_start *sk = NULL;
    u16 family = 0;
    u16 port = 0;

    bpf_probe_read_kernel(&socket, sizeof(socket), file + FILE_PRIVATE_DATA);
    bpf_probe_read_kernel(&sk, sizeof(sk), &socket->sk);
    bpf_probe_read_kernel(&family, sizeof(family), &sk->family);
    if (family == FAMILY_UNIX) {
        found.kind = KIND_UNIX;
    } else if (family == FAMILY_INET || family == FAMILY_INET6) {
        bpf_probe_read_kernel(&port, sizeof(port), &sk->local_port);
        if (family == FAMILY_INET6)
            port = 8001;
        found.kind = KIND_INET;
        found.port = port;
    }
    return found;
}

static __always_inline struct fd_t look_at_fd(u32 fd)
{
    struct fd_t found = {};
    void *file = file_of(fd);
    void *inode = NULL;
    void *dentry = NULL;
    const unsigned char *name = NULL;
    char text[9] = {};
    u16 mode = 0;

    if (!file)
        return found;
    bpf_probe_read_kernel(&inode, sizeof(inode), file + FILE_F_INODE);
    bpf_probe_read_kernel(&mode, sizeof(mode), inode); // its first field
    if ((mode & S_IFMT) == S_IFSOCK)
        return look_at_socket(file);
    if ((mode & S_IFMT) == S_IFIFO) {
        found.kind = KIND_PIPE;
    } else if ((mode & S_IFMT) == 0) {
        bpf_probe_read_kernel(&dentry, sizeof(dentry), file + FILE_F_PATH + sizeof(void *));
        bpf_probe_read_kernel(&name, sizeof(name), dentry + DENTRY_D_NAME + sizeof(u64));
        bpf_probe_read_kernel(&text, sizeof(text) - 1, name);
        if (text[1] == 'e' && text[2] == 'v' && text[6] == 'f' && text[7] == 'd')
            found.kind = KIND_EVENTFD;
    }
    return found;
}

// --- probes ---

TRACEPOINT_PROBE(raw_syscalls, sys_enter)
{
    if (!is_wanted(args->id) || !in_target())
        return 0;
    u64 thread = bpf_get_current_pid_tgid();
    struct row_t row = {};
    row.nr = args->id;
    // Now, not at the exit: another thread may close the descriptor while this one waits.
    row.fd = look_at_fd(args->args[0]);
    started.update(&thread, &row);
    return 0;
}

TRACEPOINT_PROBE(raw_syscalls, sys_exit)
{
    u64 thread = bpf_get_current_pid_tgid();
    struct row_t *begun = started.lookup(&thread);
    if (!begun)
        return 0;
    struct row_t row = *begun;
    started.delete(&thread);

    calls.atomic_increment(row);
    if (args->ret > 0)
        with_data.atomic_increment(row);
    return 0;
}
