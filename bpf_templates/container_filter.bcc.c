// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// Template: count calls of one container only, with all its processes.
//
//     bpf = BPF(src_file="container_filter.bcc.c",
//               cflags=[f"-DTARGET_CGROUP_ID={cgroup_id}ULL", f"-DTARGET_CGROUP_LEVEL={level}"])
//     bpf.attach_kprobe(event=bpf.get_syscall_fnname("openat"), fn_name="count_in_container")
//     ...
//     print(bpf["calls"][0].value)
//
// A container is a control group (cgroup), a folder below /sys/fs/cgroup:
//
//     /sys/fs/cgroup                                        level 0
//     └── system.slice                                      level 1
//         └── docker-3f2a….scope       the container        level 2
//             └── helper               a group it made      level 3
//
// The id is the folder's inode number (`stat -c %i FOLDER`), the level its depth.
//
// What does not work:
//   - the server's process id: a container may have helpers, and their number may change;
//   - the process id as the container sees it: it counts from 1 in there, the kernel's helpers see
//     the number of the whole machine;
//   - the name (comm): another container may run the same program;
//   - bpf_get_current_cgroup_id() == TARGET_CGROUP_ID: misses tasks in a group below (level 3 above).
//
// BCC puts "GPL" into the license section by itself.

#include <uapi/linux/ptrace.h>

// --- maps ---

BPF_ARRAY(calls, u64, 1);

// --- filter ---

static __always_inline bool in_target(void)
{
    // Walks up from the calling task's own group to the container's depth. For tasks at that depth or
    // below it this is the container they belong to; for tasks above it, it is 0.
    return bpf_get_current_ancestor_cgroup_id(TARGET_CGROUP_LEVEL) == TARGET_CGROUP_ID;
}

// --- probes ---

int count_in_container(struct pt_regs *ctx)
{
    if (!in_target())
        return 0; // as early as possible: other processes pay for every line above
    calls.atomic_increment(0);
    return 0;
}
