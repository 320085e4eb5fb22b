// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
//
// What a call's descriptor stands for, when `settings.fds` asks. Told by the file system that the descriptor's
// file lives in, not by the file's mode: that is how exercises tell it.

#pragma once

#include "record.bpf.h"

#define PIPEFS_MAGIC 0x50495045
#define ANON_INODE_FS_MAGIC 0x09041934
#define SOCKFS_MAGIC 0x534F434B

#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10

#define START_OF_EVENTFD 0x6466746e6576655bULL // "[eventfd", little endian

static inline struct file *file_of(u32 fd)
{
    struct task_struct *task = (struct task_struct *)bpf_get_current_task();
    struct fdtable *table = BPF_CORE_READ(task, files, fdt);
    struct file **slots, *file = NULL;

    if (fd >= BPF_CORE_READ(table, max_fds))
        return NULL;
    slots = BPF_CORE_READ(table, fd);
    bpf_probe_read_kernel(&file, sizeof(file), &slots[fd]);
    return file;
}

static inline void note_socket(struct record *call, struct file *file)
{
    struct socket *socket = BPF_CORE_READ(file, private_data);
    struct sock *sk = BPF_CORE_READ(socket, sk);
    u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);

    if (family == AF_UNIX) {
        call->fd_kind = FD_UNIX;
    } else if (family == AF_INET || family == AF_INET6) {
        call->fd_kind = FD_INET;
        call->fd_port = BPF_CORE_READ(sk, __sk_common.skc_num);
    }
}

static inline void note_fd(struct settings *now, struct record *call)
{
    struct file *file;
    unsigned long magic;
    u64 start_of_name = 0;

    if (!now->fds)
        return;
    call->fd_kind = FD_OTHER;
    file = file_of(call->fd);
    if (!file)
        return;
    magic = BPF_CORE_READ(file, f_inode, i_sb, s_magic);
    if (magic == PIPEFS_MAGIC) {
        call->fd_kind = FD_PIPE;
    } else if (magic == ANON_INODE_FS_MAGIC) {
        bpf_probe_read_kernel(&start_of_name, sizeof(start_of_name),
                              BPF_CORE_READ(file, f_path.dentry, d_name.name));
        if (start_of_name == START_OF_EVENTFD)
            call->fd_kind = FD_EVENTFD;
    } else if (magic == SOCKFS_MAGIC) {
        note_socket(call, file);
    }
}
