// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// Template: what does a file descriptor stand for? Here: count `read` by it.
//
//     bpf = BPF(src_file="fd_kind.bcc.c", cflags=kernel_fields.flags())  # attaches a TRACEPOINT_PROBE, too
//     ...
//     for key, count in bpf["reads"].items():
//         print(key.kind, key.port, count.value)
//
// A descriptor is a small number that means something only inside one process. The kernel follows it like this:
//
//     task ──> files ──> table ──> slots[fd] ──> file ──> inode   the kind, in its mode
//                                                    └──> socket ──> sock   the family, the local port
//
// kernel_fields.py lies beside exercise 3: it asks the running kernel where the fields of its structures lie.
// Each arrow is memory of the kernel: bpf_probe_read_kernel copies one step. A step that leads nowhere copies
// zeros, and the answer is KIND_OTHER.
//
// BCC puts "GPL" into the license section by itself.

#include <asm/unistd.h>
#include <uapi/linux/stat.h>

// --- structs ---

enum fd_kind { KIND_OTHER, KIND_INET, KIND_UNIX, KIND_PIPE, KIND_EVENTFD };

// A server that listens to IPv4 and IPv6 at once has sockets of the family INET6.
enum family { FAMILY_UNIX = 1, FAMILY_INET = 2, FAMILY_INET6 = 10 };

struct fd_t {
    u32 kind;
    u32 port; // this side's port, for KIND_INET: the server's own
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

BPF_HASH(reads, struct fd_t, u64, 1024);

// --- descriptors ---

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
        return NULL; // no such descriptor: -1, for example
    bpf_probe_read_kernel(&slots, sizeof(slots), &table->fd);
    bpf_probe_read_kernel(&file, sizeof(file), &slots[fd]);
    return file;
}

// A socket: of the internet, with a port, or a "unix" one between processes (or threads) of this machine.
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
        // Eventfd, epoll and their like share one inode without a kind. Their name tells: "[eventfd]".
        bpf_probe_read_kernel(&dentry, sizeof(dentry), file + FILE_F_PATH + sizeof(void *)); // its second field
        bpf_probe_read_kernel(&name, sizeof(name), dentry + DENTRY_D_NAME + sizeof(u64)); // behind hash and length
        bpf_probe_read_kernel(&text, sizeof(text) - 1, name);
        if (text[1] == 'e' && text[2] == 'v' && text[6] == 'f' && text[7] == 'd')
            found.kind = KIND_EVENTFD;
    }
    return found;
}

// --- probes ---

// At the entry of every system call: `args` holds its number and its six arguments.
TRACEPOINT_PROBE(raw_syscalls, sys_enter)
{
    if (args->id != __NR_read)
        return 0;
    struct fd_t fd = look_at_fd(args->args[0]);
    reads.atomic_increment(fd);
    return 0;
}
