// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// Template: how long does each call of a function take, and what does it return?
//
// Copy it, then attach both ends, the return first, so that no entry is stored without a return:
//
//     bpf = BPF(src_file="entry_return_latency.bcc.c")
//     function = bpf.get_syscall_fnname("fsync")
//     bpf.attach_kretprobe(event=function, fn_name="call_returned", maxactive=128)
//     bpf.attach_kprobe(event=function, fn_name="syscall__entered")
//     bpf["events"].open_ring_buffer(callback)
//     while True:
//         bpf.ring_buffer_poll(timeout=100)
//
// maxactive: how many calls may be under way at once, on the whole machine, before returns are
// skipped without an error. The default is max(10, 2 x CPUs): ten threads waiting in one call use it up.
//
// BCC puts "GPL" into the license section by itself.

#include <uapi/linux/ptrace.h>

// --- structs ---

// What the return must know about the entry.
struct start_t {
    u64 ts_ns;
    s32 fd;
};

struct event_t {
    u64 ts_ns; // entry, nanoseconds since boot
    u64 duration_ns;
    s64 ret; // signed: an error is a small negative number
    u32 pid;
    u32 tid;
    s32 fd;
    char comm[16];
};

// --- maps ---

BPF_HASH(starts, u64, struct start_t, 10240); // one entry per thread inside the call
BPF_ARRAY(lost, u64, 1);                      // events that found the buffer full
BPF_RINGBUF_OUTPUT(events, 256);              // 256 pages, 1 MiB: a power of two

// --- probes ---

// The name begins with syscall__: BCC then takes the arguments from the right registers. The kernel's
// function for a system call gets one argument, a pointer to the caller's registers.
int syscall__entered(struct pt_regs *ctx, int fd)
{
    // pid and tid together. A process has many threads inside the call at once, a thread is in it once.
    u64 thread = bpf_get_current_pid_tgid();
    struct start_t start = {};
    start.fd = fd;
    start.ts_ns = bpf_ktime_get_ns(); // last: what stands before it is not measured
    starts.update(&thread, &start);
    return 0;
}

int call_returned(struct pt_regs *ctx)
{
    u64 now_ns = bpf_ktime_get_ns(); // first, for the same reason
    u64 thread = bpf_get_current_pid_tgid();
    struct start_t *start = starts.lookup(&thread);
    if (!start)
        return 0; // this call began before the probe was there: nothing is known about it

    struct event_t event = {};
    event.ts_ns = start->ts_ns;
    event.duration_ns = now_ns - start->ts_ns;
    event.fd = start->fd;
    event.ret = PT_REGS_RC(ctx); // comes as an unsigned long
    event.pid = thread >> 32;
    event.tid = thread;
    bpf_get_current_comm(&event.comm, sizeof(event.comm));
    starts.delete(&thread); // or the next return without an entry finds an old one

    // Say so when an event is lost: numbers that look complete and are not are worse than none.
    if (events.ringbuf_output(&event, sizeof(event), 0) != 0)
        lost.atomic_increment(0);
    return 0;
}
