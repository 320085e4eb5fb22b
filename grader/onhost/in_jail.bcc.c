// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
//
// Who is a tracer: a task in the cgroup of a service that is called lab-tracer-... This stands in front of
// recorder.bcc.c and of gate.bcc.c. A task cannot leave its service's cgroup from inside the jail, nor rename it.

#include <linux/sched.h>
#include <linux/cgroup.h>
#include <linux/kernfs.h>

#define UNIT_BYTES 48

// Whether the current task is in the jail; its service's name then stands in `unit`.
static inline int is_in_jail(char unit[UNIT_BYTES])
{
    struct task_struct *task = (struct task_struct *)bpf_get_current_task();
    struct css_set *groups = NULL;
    struct cgroup *group = NULL;
    struct kernfs_node *node = NULL;
    const char *name = NULL;

    bpf_probe_read_kernel(&groups, sizeof(groups), &task->cgroups);
    bpf_probe_read_kernel(&group, sizeof(group), &groups->dfl_cgrp);
    bpf_probe_read_kernel(&node, sizeof(node), &group->kn);
    bpf_probe_read_kernel(&name, sizeof(name), &node->name);
    if (bpf_probe_read_kernel_str(unit, UNIT_BYTES, name) < 0)
        return 0;
    return unit[0] == 'l' && unit[1] == 'a' && unit[2] == 'b' && unit[3] == '-' && unit[4] == 't' &&
           unit[5] == 'r' && unit[6] == 'a' && unit[7] == 'c' && unit[8] == 'e' && unit[9] == 'r' && unit[10] == '-';
}
