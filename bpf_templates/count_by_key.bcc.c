// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// Template: count how often something happens, by a key.
//
// Here: calls of a function, by the process that makes them and its name.
// Copy it, change the key, attach the probe:
//
//     bpf = BPF(src_file="count_by_key.bcc.c")
//     bpf.attach_kprobe(event=bpf.get_syscall_fnname("openat"), fn_name="count_call")
//     ...
//     for key, count in bpf["counts"].items():
//         print(key.pid, key.comm.decode(), count.value)
//
// BCC puts "GPL" into the license section by itself.

#include <uapi/linux/ptrace.h>

// --- structs ---

// The key. Each different content is a line of its own, and every byte counts, gaps that the
// compiler leaves between fields included. So: widest fields first, and `= {}` before you fill it.
struct call_key_t {
    u32 pid;
    char comm[16]; // 15 characters and a zero
};

// --- maps ---

// The last number is the most keys the map can hold: a key more is not counted.
BPF_HASH(counts, struct call_key_t, u64, 10240);

// --- probes ---

int count_call(struct pt_regs *ctx)
{
    struct call_key_t key = {};
    key.pid = bpf_get_current_pid_tgid() >> 32; // upper half: process, lower half: thread
    bpf_get_current_comm(&key.comm, sizeof(key.comm));

    // Makes the entry with 0 if it is not there yet. Two CPUs may do this at the same moment:
    // only one of them makes it, and both get the same entry.
    u64 zero = 0;
    u64 *count = counts.lookup_or_try_init(&key, &zero);
    if (!count)
        return 0; // the map is full; the verifier insists on this question

    // Read, add and write back in one step. A plain `*count += 1` loses calls when two CPUs do it
    // at once. `counts.atomic_increment(key)` is the short form of all of this; there, two CPUs that
    // bring the same new key at once can lose one count, once.
    lock_xadd(count, 1);
    return 0;
}
