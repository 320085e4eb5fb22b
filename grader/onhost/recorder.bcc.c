// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
//
// The grader's own tracers: the same system calls seen through two mechanisms that know nothing of each other.
//   raw_*     raw tracepoints sys_enter and sys_exit
//   fentry_*  fentry and fexit on each system call's function
// and calls of functions in user space, through uprobe_multi, attached while recording only.
// They stay attached; `settings` and `wanted` decide what is noted. Both write into a kernel ring buffer that nobody
// reads while traffic flows, so recording costs no user-space work. The layout of `record` is also in recording.py.
// in_jail.bcc.c stands in front of this. Calls and forks of tracers are never noted: a tracer could take a caller's name,
// or fill the buffers. What programs they start is noted as theirs.

#include <uapi/linux/ptrace.h>
#include <linux/fdtable.h>
#include <linux/fs.h>
#include <linux/net.h>
#include <linux/sched.h>
#include <net/sock.h>

#define KIND_CALL 0
#define KIND_FORK 1
#define KIND_EXEC 2
#define KIND_FUNCTION 3
#define KIND_TRACERS_EXEC 4

#define SECOND 0x8000 // as in recorder_programs.py

#define RAW 0
#define FENTRY 1

// What a descriptor stands for, when `settings.fds` asks. The names are in recording.py.
#define FD_NOT_ASKED 0
#define FD_OTHER 1
#define FD_INET 2
#define FD_UNIX 3
#define FD_PIPE 4
#define FD_EVENTFD 5

struct settings {
    u64 cgroup_id;
    s32 cgroup_level;
    u8 enabled;
    u8 whole_host;
    u8 tasks;
    u8 fds;
};

struct record {
    u64 entry_ns;
    u64 exit_ns;
    s64 ret;
    s64 fd;
    u32 tid;
    u32 pid;
    char comm[16];
    u16 nr;
    u8 kind;
    u8 in_target;
    u8 fd_kind;
    u8 unused;
    u16 fd_port; // the local one of an internet socket
};

BPF_ARRAY(settings, struct settings, 1);
BPF_ARRAY(wanted, u8, 512);
// Records that had no room, per mechanism.
BPF_ARRAY(lost, u64, 2);
// Calls of the target that returned data, per mechanism: when this stands still, the traffic is over.
BPF_ARRAY(moved_data, u64, 2);
// Calls that have begun, by thread: the record with its second half missing.
BPF_HASH(raw_started, u32, struct record, 16384);
BPF_HASH(fentry_started, u32, struct record, 16384);
// 4,096 pages of 4 KiB each.
BPF_RINGBUF_OUTPUT(raw_events, 4096);
BPF_RINGBUF_OUTPUT(fentry_events, 4096);

static inline struct settings *settings_if_on(void)
{
    u32 zero = 0;
    struct settings *now = settings.lookup(&zero);
    if (now && now->enabled)
        return now;
    return NULL;
}

static inline int is_wanted(u32 nr)
{
    u8 *flag = wanted.lookup(&nr);
    return flag && *flag;
}

static inline int is_in_target(struct settings *now)
{
    if (!now->cgroup_id)
        return 0;
    return bpf_get_current_ancestor_cgroup_id(now->cgroup_level) == now->cgroup_id;
}

static inline int is_left_out(struct settings *now, int in_target)
{
    char unit[UNIT_BYTES];

    if (in_target)
        return 0;
    return !now->whole_host || is_in_jail(unit);
}

static inline void count_lost(u32 mechanism)
{
    u64 *count = lost.lookup(&mechanism);
    if (count)
        __sync_fetch_and_add(count, 1);
}

static inline void count_moved(u32 mechanism, struct record *call)
{
    u64 *count;
    if (!call->in_target || call->ret <= 0)
        return;
    count = moved_data.lookup(&mechanism);
    if (count)
        __sync_fetch_and_add(count, 1);
}

static inline void fill_caller(struct record *call, u32 nr, s64 fd, int in_target)
{
    u64 who = bpf_get_current_pid_tgid();
    call->tid = who;
    call->pid = who >> 32;
    call->nr = nr;
    call->fd = fd;
    call->in_target = in_target;
    bpf_get_current_comm(&call->comm, sizeof(call->comm));
}

// ---- what a descriptor stands for ----

static inline struct file *file_of(u32 fd)
{
    struct task_struct *task = (struct task_struct *)bpf_get_current_task();
    struct files_struct *files = NULL;
    struct fdtable *table = NULL;
    struct file **slots = NULL, *file = NULL;
    u32 size = 0;

    bpf_probe_read_kernel(&files, sizeof(files), &task->files);
    bpf_probe_read_kernel(&table, sizeof(table), &files->fdt);
    bpf_probe_read_kernel(&size, sizeof(size), &table->max_fds);
    if (fd >= size)
        return NULL;
    bpf_probe_read_kernel(&slots, sizeof(slots), &table->fd);
    bpf_probe_read_kernel(&file, sizeof(file), &slots[fd]);
    return file;
}

// Told by the file system that the descriptor's file lives in, not by the file's mode: that is how exercises tell it.
static inline void note_fd(struct settings *now, struct record *call)
{
    struct file *file;
    struct inode *inode = NULL;
    struct super_block *super = NULL;
    struct dentry *dentry = NULL;
    struct socket *socket = NULL;
    struct sock *sk = NULL;
    const unsigned char *name = NULL;
    unsigned long magic = 0;
    u64 start_of_name = 0;
    u16 family = 0;

    if (!now->fds)
        return;
    call->fd_kind = FD_OTHER;
    file = file_of(call->fd);
    if (!file)
        return;
    bpf_probe_read_kernel(&inode, sizeof(inode), &file->f_inode);
    bpf_probe_read_kernel(&super, sizeof(super), &inode->i_sb);
    bpf_probe_read_kernel(&magic, sizeof(magic), &super->s_magic);
    if (magic == 0x50495045) { // PIPEFS_MAGIC
        call->fd_kind = FD_PIPE;
    } else if (magic == 0x09041934) { // ANON_INODE_FS_MAGIC
        bpf_probe_read_kernel(&dentry, sizeof(dentry), &file->f_path.dentry);
        bpf_probe_read_kernel(&name, sizeof(name), &dentry->d_name.name);
        bpf_probe_read_kernel(&start_of_name, sizeof(start_of_name), name);
        if (start_of_name == 0x6466746e6576655bULL) // "[eventfd", little endian
            call->fd_kind = FD_EVENTFD;
    } else if (magic == 0x534F434B) { // SOCKFS_MAGIC
        bpf_probe_read_kernel(&socket, sizeof(socket), &file->private_data);
        bpf_probe_read_kernel(&sk, sizeof(sk), &socket->sk);
        bpf_probe_read_kernel(&family, sizeof(family), &sk->__sk_common.skc_family);
        if (family == 1) { // AF_UNIX
            call->fd_kind = FD_UNIX;
        } else if (family == 2 || family == 10) { // AF_INET, AF_INET6
            call->fd_kind = FD_INET;
            bpf_probe_read_kernel(&call->fd_port, sizeof(call->fd_port), &sk->__sk_common.skc_num);
        }
    }
}

// ---- first mechanism: raw tracepoints ----

static inline void raw_emit(struct record *call)
{
    if (raw_events.ringbuf_output(call, sizeof(*call), BPF_RB_NO_WAKEUP))
        count_lost(RAW);
    count_moved(RAW, call);
}

RAW_TRACEPOINT_PROBE(sys_enter)
{
    struct settings *now = settings_if_on();
    struct pt_regs *regs = (struct pt_regs *)ctx->args[0];
    u32 nr = ctx->args[1];
    int in_target;
    u64 fd = 0;
    struct record call = {};

    if (!now || !is_wanted(nr))
        return 0;
    in_target = is_in_target(now);
    if (is_left_out(now, in_target))
        return 0;
    bpf_probe_read_kernel(&fd, sizeof(fd), &PT_REGS_PARM1(regs));
    fill_caller(&call, nr, fd, in_target);
    note_fd(now, &call);
    call.entry_ns = bpf_ktime_get_ns();
    if (raw_started.update(&call.tid, &call))
        count_lost(RAW);
    return 0;
}

RAW_TRACEPOINT_PROBE(sys_exit)
{
    struct settings *now = settings_if_on();
    struct pt_regs *regs = (struct pt_regs *)ctx->args[0];
    u32 tid = bpf_get_current_pid_tgid();
    struct record *begun, straddling = {};
    int in_target;
    u64 nr = 0, fd = 0;

    if (!now)
        return 0;
    begun = raw_started.lookup(&tid);
    if (begun) {
        begun->exit_ns = bpf_ktime_get_ns();
        begun->ret = ctx->args[1];
        raw_emit(begun);
        raw_started.delete(&tid);
        return 0;
    }
    // It began before the recorder was on.
#ifdef LAB_X86_64
    bpf_probe_read_kernel(&nr, sizeof(nr), &regs->orig_ax);
    bpf_probe_read_kernel(&fd, sizeof(fd), &regs->di);
#else
    bpf_probe_read_kernel(&nr, sizeof(u32), &regs->syscallno);
    bpf_probe_read_kernel(&fd, sizeof(fd), &regs->orig_x0);
#endif
    if (!is_wanted(nr))
        return 0;
    in_target = is_in_target(now);
    if (is_left_out(now, in_target))
        return 0;
    fill_caller(&straddling, nr, fd, in_target);
    note_fd(now, &straddling);
    straddling.exit_ns = bpf_ktime_get_ns();
    straddling.ret = ctx->args[1];
    raw_emit(&straddling);
    return 0;
}

// ---- second mechanism: fentry and fexit ----

static inline void fentry_emit(struct record *call)
{
    if (fentry_events.ringbuf_output(call, sizeof(*call), BPF_RB_NO_WAKEUP))
        count_lost(FENTRY);
    count_moved(FENTRY, call);
}

static inline int fentry_entered(u32 nr, struct pt_regs *regs)
{
    struct settings *now = settings_if_on();
    int in_target;
    u64 fd = 0;
    struct record call = {};

    if (!now || !is_wanted(nr))
        return 0;
    in_target = is_in_target(now);
    if (is_left_out(now, in_target))
        return 0;
    bpf_probe_read_kernel(&fd, sizeof(fd), &PT_REGS_PARM1(regs));
    fill_caller(&call, nr, fd, in_target);
    note_fd(now, &call);
    call.entry_ns = bpf_ktime_get_ns();
    if (fentry_started.update(&call.tid, &call))
        count_lost(FENTRY);
    return 0;
}

static inline int fentry_returned(u32 nr, struct pt_regs *regs, s64 ret)
{
    struct settings *now = settings_if_on();
    u32 tid = bpf_get_current_pid_tgid();
    struct record *begun, straddling = {};
    int in_target;
    u64 fd = 0;

    if (!now)
        return 0;
    begun = fentry_started.lookup(&tid);
    if (begun) {
        begun->exit_ns = bpf_ktime_get_ns();
        begun->ret = ret;
        fentry_emit(begun);
        fentry_started.delete(&tid);
        return 0;
    }
    if (!is_wanted(nr))
        return 0;
    in_target = is_in_target(now);
    if (is_left_out(now, in_target))
        return 0;
    bpf_probe_read_kernel(&fd, sizeof(fd), &PT_REGS_PARM1(regs));
    fill_caller(&straddling, nr, fd, in_target);
    note_fd(now, &straddling);
    straddling.exit_ns = bpf_ktime_get_ns();
    straddling.ret = ret;
    fentry_emit(&straddling);
    return 0;
}

// The numbers NR_* and the names ENTERED(...) and RETURNED(...) come from recorder_programs.py: both differ by CPU.
// ctx[0] is the function's one argument, ctx[1] what it returned. (BCC's KFUNC_PROBE does not work inside a macro.)

int ENTERED(read)(u64 *ctx) { return fentry_entered(NR_read, (struct pt_regs *)ctx[0]); }
int RETURNED(read)(u64 *ctx) { return fentry_returned(NR_read, (struct pt_regs *)ctx[0], ctx[1]); }
int ENTERED(write)(u64 *ctx) { return fentry_entered(NR_write, (struct pt_regs *)ctx[0]); }
int RETURNED(write)(u64 *ctx) { return fentry_returned(NR_write, (struct pt_regs *)ctx[0], ctx[1]); }
int ENTERED(close)(u64 *ctx) { return fentry_entered(NR_close, (struct pt_regs *)ctx[0]); }
int RETURNED(close)(u64 *ctx) { return fentry_returned(NR_close, (struct pt_regs *)ctx[0], ctx[1]); }
int ENTERED(readv)(u64 *ctx) { return fentry_entered(NR_readv, (struct pt_regs *)ctx[0]); }
int RETURNED(readv)(u64 *ctx) { return fentry_returned(NR_readv, (struct pt_regs *)ctx[0], ctx[1]); }
int ENTERED(writev)(u64 *ctx) { return fentry_entered(NR_writev, (struct pt_regs *)ctx[0]); }
int RETURNED(writev)(u64 *ctx) { return fentry_returned(NR_writev, (struct pt_regs *)ctx[0], ctx[1]); }
int ENTERED(sendto)(u64 *ctx) { return fentry_entered(NR_sendto, (struct pt_regs *)ctx[0]); }
int RETURNED(sendto)(u64 *ctx) { return fentry_returned(NR_sendto, (struct pt_regs *)ctx[0], ctx[1]); }
int ENTERED(recvfrom)(u64 *ctx) { return fentry_entered(NR_recvfrom, (struct pt_regs *)ctx[0]); }
int RETURNED(recvfrom)(u64 *ctx) { return fentry_returned(NR_recvfrom, (struct pt_regs *)ctx[0], ctx[1]); }
int ENTERED(sendmsg)(u64 *ctx) { return fentry_entered(NR_sendmsg, (struct pt_regs *)ctx[0]); }
int RETURNED(sendmsg)(u64 *ctx) { return fentry_returned(NR_sendmsg, (struct pt_regs *)ctx[0], ctx[1]); }
int ENTERED(recvmsg)(u64 *ctx) { return fentry_entered(NR_recvmsg, (struct pt_regs *)ctx[0]); }
int RETURNED(recvmsg)(u64 *ctx) { return fentry_returned(NR_recvmsg, (struct pt_regs *)ctx[0], ctx[1]); }
int ENTERED(epoll_pwait)(u64 *ctx) { return fentry_entered(NR_epoll_pwait, (struct pt_regs *)ctx[0]); }
int RETURNED(epoll_pwait)(u64 *ctx) { return fentry_returned(NR_epoll_pwait, (struct pt_regs *)ctx[0], ctx[1]); }
int ENTERED(accept4)(u64 *ctx) { return fentry_entered(NR_accept4, (struct pt_regs *)ctx[0]); }
int RETURNED(accept4)(u64 *ctx) { return fentry_returned(NR_accept4, (struct pt_regs *)ctx[0], ctx[1]); }
int ENTERED(execve)(u64 *ctx) { return fentry_entered(NR_execve, (struct pt_regs *)ctx[0]); }
int RETURNED(execve)(u64 *ctx) { return fentry_returned(NR_execve, (struct pt_regs *)ctx[0], ctx[1]); }
int ENTERED(execveat)(u64 *ctx) { return fentry_entered(NR_execveat, (struct pt_regs *)ctx[0]); }
int RETURNED(execveat)(u64 *ctx) { return fentry_returned(NR_execveat, (struct pt_regs *)ctx[0], ctx[1]); }
#ifdef NR_epoll_wait
int ENTERED(epoll_wait)(u64 *ctx) { return fentry_entered(NR_epoll_wait, (struct pt_regs *)ctx[0]); }
int RETURNED(epoll_wait)(u64 *ctx) { return fentry_returned(NR_epoll_wait, (struct pt_regs *)ctx[0], ctx[1]); }
#endif

// ---- forks and program starts, anywhere on the host ----

RAW_TRACEPOINT_PROBE(sched_process_fork)
{
    struct settings *now = settings_if_on();
    struct task_struct *child = (struct task_struct *)ctx->args[1];
    struct record task = {};
    char unit[UNIT_BYTES];
    u32 tid = 0, pid = 0;

    if (!now || !now->tasks)
        return 0;
    bpf_probe_read_kernel(&tid, sizeof(tid), &child->pid);
    bpf_probe_read_kernel(&pid, sizeof(pid), &child->tgid);
    if (tid != pid)
        return 0; // a new thread, not a new process
    if (is_in_jail(unit))
        return 0;
    fill_caller(&task, 0, 0, is_in_target(now));
    task.kind = KIND_FORK;
    task.tid = tid;
    task.pid = pid;
    task.entry_ns = bpf_ktime_get_ns();
    raw_emit(&task);
    return 0;
}

RAW_TRACEPOINT_PROBE(sched_process_exec)
{
    struct settings *now = settings_if_on();
    struct record task = {};
    char unit[UNIT_BYTES];

    if (!now || !now->tasks)
        return 0;
    fill_caller(&task, 0, 0, is_in_target(now));
    // A tracer's probe runs at these too. Each takes far longer to do than its place here would be missed.
    task.kind = is_in_jail(unit) ? KIND_TRACERS_EXEC : KIND_EXEC;
    task.entry_ns = bpf_ktime_get_ns();
    raw_emit(&task);
    return 0;
}

// ---- functions in user space ----

// Attached through links of its own (user_probes.py); the cookie is the function's number in the request. A second link,
// attached when the tracers are, has SECOND in its cookies: programs at one place run one after another, so what these two
// note encloses every tracer. `fd` and `ret` of the record are the first two arguments.
int function_called(struct pt_regs *ctx)
{
    struct settings *now = settings_if_on();
    struct record called = {};
    u64 cookie = bpf_get_attach_cookie(ctx);
    int in_target;

    if (!now)
        return 0;
    in_target = is_in_target(now);
    if (!in_target && !now->whole_host)
        return 0;
    fill_caller(&called, cookie & ~SECOND, PT_REGS_PARM1(ctx), in_target);
    called.kind = KIND_FUNCTION;
    called.ret = PT_REGS_PARM2(ctx);
    called.entry_ns = bpf_ktime_get_ns();
    if (cookie & SECOND) {
        if (fentry_events.ringbuf_output(&called, sizeof(called), BPF_RB_NO_WAKEUP))
            count_lost(FENTRY);
        return 0;
    }
    if (raw_events.ringbuf_output(&called, sizeof(called), BPF_RB_NO_WAKEUP))
        count_lost(RAW);
    // Moves whenever the target calls one of them, whatever its arguments are.
    called.ret = 1;
    count_moved(RAW, &called);
    return 0;
}
