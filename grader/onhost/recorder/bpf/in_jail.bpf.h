// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
//
// Who is a tracer: a task in the cgroup of a service with a tracer's name (noted_refusal.py says which). A task
// cannot leave its service's cgroup from inside the jail, nor rename it.

#pragma once

#include "kernel_types.bpf.h"

// Whether the current task is in the jail; its service's name then stands in `unit`.
static inline int is_in_jail(char unit[UNIT_BYTES])
{
    struct task_struct *task = (struct task_struct *)bpf_get_current_task();
    const char *name = BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, name);

    if (bpf_probe_read_kernel_str(unit, UNIT_BYTES, name) < 0)
        return 0;
    return IS_TRACERS(unit);
}
