// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
//
// What the recorders write and what steers them. Layouts, kinds and sizes come from contract/record.py, on clang's
// command line.

#pragma once

#include "in_jail.bpf.h"

struct settings {
    SETTINGS_MEMBERS
};

struct record {
    RECORD_MEMBERS
};

struct shared {
    SHARED_MEMBERS
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
