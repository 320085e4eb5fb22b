// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
//
// The grader's own tracers: the same system calls seen through two mechanisms that know nothing of each other.
//   raw_*      raw tracepoints sys_enter and sys_exit
//   entered_*, returned_*  fentry and fexit on each system call's function
// and calls of functions in user space, through uprobe_multi, attached while recording only.
// They stay attached; `shared` decides what is noted. Both write into a kernel ring buffer that nobody reads while
// traffic flows, so recording costs no user-space work. Calls and forks of tracers are never noted: a tracer could take a
// caller's name, or fill the buffers. What programs they start is noted as theirs.

#include "descriptors.bpf.h"
#include "record.bpf.h"

char LICENSE[] SEC("license") = "GPL";

// The first half of a call; 0 when it is none of ours.
static inline int begin(struct settings *now, struct record *call, u32 nr, struct pt_regs *regs)
{
    int in_target;

    if (!is_wanted(nr))
        return 0;
    in_target = is_in_target(now);
    if (is_left_out(now, in_target))
        return 0;
    fill_caller(call, nr, SYSCALL_ARGUMENT(regs), in_target);
    note_fd(now, call);
    return 1;
}

static inline void end(u32 mechanism, struct record *call, s64 ret)
{
    call->exit_ns = bpf_ktime_get_ns();
    call->ret = ret;
    emit(mechanism, call);
    count_moved(mechanism, call);
}

static inline int entered(u32 mechanism, void *started, u32 nr, struct pt_regs *regs)
{
    struct settings *now = settings_if_on();
    struct record call = {};

    if (!now || !begin(now, &call, nr, regs))
        return 0;
    call.entry_ns = bpf_ktime_get_ns();
    if (bpf_map_update_elem(started, &call.tid, &call, BPF_ANY))
        count_lost(mechanism);
    return 0;
}

// 1 when the thread's call was known, and has now ended.
static inline int ended(u32 mechanism, void *started, s64 ret)
{
    u32 tid = bpf_get_current_pid_tgid();
    struct record *begun = bpf_map_lookup_elem(started, &tid);

    if (!begun)
        return 0;
    end(mechanism, begun, ret);
    bpf_map_delete_elem(started, &tid);
    return 1;
}

// A call that began before the recorder was on.
static inline int straddled(u32 mechanism, struct settings *now, u32 nr, struct pt_regs *regs, s64 ret)
{
    struct record call = {};

    if (begin(now, &call, nr, regs))
        end(mechanism, &call, ret);
    return 0;
}

// ---- first mechanism: raw tracepoints ----

SEC("raw_tp/sys_enter")
int raw_enter(struct bpf_raw_tracepoint_args *ctx)
{
    return entered(RAW, &raw_started, ctx->args[1], (struct pt_regs *)ctx->args[0]);
}

SEC("raw_tp/sys_exit")
int raw_exit(struct bpf_raw_tracepoint_args *ctx)
{
    struct settings *now = settings_if_on();
    struct pt_regs *regs = (struct pt_regs *)ctx->args[0];

    if (!now || ended(RAW, &raw_started, ctx->args[1]))
        return 0;
    return straddled(RAW, now, SYSCALL_NUMBER(regs), regs, ctx->args[1]);
}

// ---- second mechanism: fentry and fexit ----

// Not inline: clang translates this once, not for every system call, which is most of its work.
static __attribute__((noinline)) int syscall_entered(u32 nr, struct pt_regs *regs)
{
    return entered(FENTRY, &fentry_started, nr, regs);
}

static __attribute__((noinline)) int syscall_returned(u32 nr, struct pt_regs *regs, s64 ret)
{
    struct settings *now = settings_if_on();

    if (!now || ended(FENTRY, &fentry_started, ret))
        return 0;
    return straddled(FENTRY, now, nr, regs, ret);
}

// The numbers NR_* and SYSCALL_PREFIX come from object_file.py: both differ by CPU.
// ctx[0] is the function's one argument, ctx[1] what it returned.
#define SYSCALL(name)                                                                                                  \
    SEC("fentry/" SYSCALL_PREFIX #name) int entered_##name(u64 *ctx)                                                   \
    {                                                                                                                  \
        return syscall_entered(NR_##name, (struct pt_regs *)ctx[0]);                                                   \
    }                                                                                                                  \
    SEC("fexit/" SYSCALL_PREFIX #name) int returned_##name(u64 *ctx)                                                   \
    {                                                                                                                  \
        return syscall_returned(NR_##name, (struct pt_regs *)ctx[0], ctx[1]);                                          \
    }

SYSCALL(read)
SYSCALL(write)
SYSCALL(close)
SYSCALL(readv)
SYSCALL(writev)
SYSCALL(sendto)
SYSCALL(recvfrom)
SYSCALL(sendmsg)
SYSCALL(recvmsg)
SYSCALL(epoll_pwait)
SYSCALL(accept4)
SYSCALL(execve)
SYSCALL(execveat)
#ifdef NR_epoll_wait
SYSCALL(epoll_wait)
#endif

// ---- forks and program starts, anywhere on the host ----

SEC("raw_tp/sched_process_fork")
int raw_fork(struct bpf_raw_tracepoint_args *ctx)
{
    struct settings *now = settings_if_on();
    struct task_struct *child = (struct task_struct *)ctx->args[1];
    struct record task = {};
    char unit[UNIT_BYTES];
    u32 tid, pid;

    if (!now || !now->tasks)
        return 0;
    tid = BPF_CORE_READ(child, pid);
    pid = BPF_CORE_READ(child, tgid);
    if (tid != pid)
        return 0; // a new thread, not a new process
    if (is_in_jail(unit))
        return 0;
    fill_caller(&task, 0, 0, is_in_target(now));
    task.kind = KIND_FORK;
    task.tid = tid;
    task.pid = pid;
    task.entry_ns = bpf_ktime_get_ns();
    emit(RAW, &task);
    return 0;
}

SEC("raw_tp/sched_process_exec")
int raw_exec(void *ctx)
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
    emit(RAW, &task);
    return 0;
}

// ---- functions in user space ----

// Attached through links of its own (user_probes.py); the cookie is the function's number in the request. A second link,
// attached when the tracers are, has SECOND in its cookies: programs at one place run one after another, so what these two
// note encloses every tracer. `fd` and `ret` of the record are the first two arguments.
SEC("uprobe.multi")
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
    fill_caller(&called, cookie & ~SECOND, ARGUMENT_1(ctx), in_target);
    called.kind = KIND_FUNCTION;
    called.ret = ARGUMENT_2(ctx);
    called.entry_ns = bpf_ktime_get_ns();
    if (cookie & SECOND) {
        emit(FENTRY, &called);
        return 0;
    }
    emit(RAW, &called);
    // Moves whenever the target calls one of them, whatever its arguments are.
    called.ret = 1;
    count_moved(RAW, &called);
    return 0;
}
