// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
//
// The few fields of the kernel's structures that our programs read. Where they lie is looked up in the kernel's own BTF
// when the programs are loaded, so a field's place here means nothing, and no header of a kernel is needed.

#pragma once

#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __s32 s32;
typedef __u32 u32;
typedef __s64 s64;
typedef __u64 u64;

#define NULL ((void *)0)

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct kernfs_node { const char *name; };
struct cgroup { struct kernfs_node *kn; };
struct css_set { struct cgroup *dfl_cgrp; };

struct super_block { unsigned long s_magic; };
struct inode { struct super_block *i_sb; };
struct qstr { const unsigned char *name; };
struct dentry { struct qstr d_name; };
struct path { struct dentry *dentry; };
struct file { struct inode *f_inode; struct path f_path; void *private_data; };
struct fdtable { unsigned int max_fds; struct file **fd; };
struct files_struct { struct fdtable *fdt; };

struct sock_common { unsigned short skc_family; u16 skc_num; };
struct sock { struct sock_common __sk_common; };
struct socket { struct sock *sk; };

struct task_struct { s32 pid; s32 tgid; struct css_set *cgroups; struct files_struct *files; };

struct bpf_prog { u32 len; struct bpf_insn insnsi[]; };

// What a thread's registers hold: a system call's number and first argument, a function's first two arguments.
#if defined(__TARGET_ARCH_x86)
struct pt_regs { unsigned long di, si, orig_ax; };
#define SYSCALL_NUMBER(regs) BPF_CORE_READ(regs, orig_ax)
#define SYSCALL_ARGUMENT(regs) BPF_CORE_READ(regs, di)
#define ARGUMENT_1(ctx) ((ctx)->di)
#define ARGUMENT_2(ctx) ((ctx)->si)
#elif defined(__TARGET_ARCH_arm64)
struct pt_regs { u64 regs[31]; u64 orig_x0; s32 syscallno; };
#define SYSCALL_NUMBER(regs) ((u32)BPF_CORE_READ(regs, syscallno))
#define SYSCALL_ARGUMENT(regs) BPF_CORE_READ(regs, orig_x0)
#define ARGUMENT_1(ctx) ((ctx)->regs[0])
#define ARGUMENT_2(ctx) ((ctx)->regs[1])
#endif

#pragma clang attribute pop
