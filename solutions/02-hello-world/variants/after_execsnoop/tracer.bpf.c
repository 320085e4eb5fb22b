// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// Exercise 2, variant: written after BCC's execsnoop, with all that its headers bring in: it compiles for long.

#include <uapi/linux/ptrace.h>
#include <linux/sched.h>
#include <linux/fs.h>

#define ARGSIZE 128

// --- structs ---

enum event_type {
    EVENT_ARG,
    EVENT_RET,
};

struct data_t {
    u32 pid;
    u32 ppid;
    u32 uid;
    char comm[TASK_COMM_LEN];
    enum event_type type;
    char argv[ARGSIZE];
    int retval;
};

// --- maps ---

BPF_PERF_OUTPUT(events);

// --- probes ---

static void about_the_caller(struct data_t *data)
{
    struct task_struct *task = (struct task_struct *)bpf_get_current_task();

    data->pid = bpf_get_current_pid_tgid() >> 32;
    data->uid = bpf_get_current_uid_gid();
    data->ppid = task->real_parent->tgid;
    bpf_get_current_comm(&data->comm, sizeof(data->comm));
}

int syscall__execve(struct pt_regs *ctx, const char __user *filename)
{
    struct data_t data = {};

    about_the_caller(&data);
    data.type = EVENT_ARG;
    bpf_probe_read_user_str(data.argv, sizeof(data.argv), (void *)filename);
    events.perf_submit(ctx, &data, sizeof(data));
    return 0;
}

int do_ret_sys_execve(struct pt_regs *ctx)
{
    struct data_t data = {};

    about_the_caller(&data);
    data.type = EVENT_RET;
    data.retval = PT_REGS_RC(ctx);
    events.perf_submit(ctx, &data, sizeof(data));
    return 0;
}
