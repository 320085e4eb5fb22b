// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
//
// What the recorders write and what steers them. `struct record` is also in recording.py, `struct shared` in
// recorder/programs.py.

#pragma once

#include "in_jail.bpf.h"

#define KIND_CALL 0
#define KIND_FORK 1
#define KIND_EXEC 2
#define KIND_FUNCTION 3
#define KIND_TRACERS_EXEC 4

#define RAW 0
#define FENTRY 1

#define SYSCALLS_AT_MOST 512
#define RING_BYTES (4096 * 4096)
#define CALLS_AT_ONCE 16384

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

// Mapped into the recorder's process, so that it is read and written there without a system call.
struct shared {
    struct settings settings;
    // Records that had no room, per mechanism.
    u64 lost[2];
    // Calls of the target that returned data, per mechanism: when this stands still, the traffic is over.
    u64 moved_data[2];
    // By the system call's number.
    u8 wanted[SYSCALLS_AT_MOST];
};

struct shared shared;

// Calls that have begun, by thread: the record with its second half missing.
struct started {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, CALLS_AT_ONCE);
    __type(key, u32);
    __type(value, struct record);
};

struct started raw_started SEC(".maps");
struct started fentry_started SEC(".maps");

struct events {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, RING_BYTES);
};

struct events raw_events SEC(".maps");
struct events fentry_events SEC(".maps");

static inline struct settings *settings_if_on(void)
{
    return shared.settings.enabled ? &shared.settings : NULL;
}

static inline int is_wanted(u32 nr)
{
    return nr < SYSCALLS_AT_MOST && shared.wanted[nr];
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
    __sync_fetch_and_add(&shared.lost[mechanism], 1);
}

static inline void count_moved(u32 mechanism, struct record *call)
{
    if (call->in_target && call->ret > 0)
        __sync_fetch_and_add(&shared.moved_data[mechanism], 1);
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

static inline void emit(u32 mechanism, struct record *record)
{
    void *events = mechanism == RAW ? (void *)&raw_events : (void *)&fentry_events;

    if (bpf_ringbuf_output(events, record, sizeof(*record), BPF_RB_NO_WAKEUP))
        count_lost(mechanism);
}
