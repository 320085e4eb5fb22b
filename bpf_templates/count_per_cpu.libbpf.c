// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// Template: count without locks, in one place for each CPU.
//
// Here: packets and bytes that come in at a network interface. Compile, load, attach and read it without BCC:
//
//     clang -g -O2 -target bpf -I/usr/include/$(uname -m)-linux-gnu -c count_per_cpu.libbpf.c -o count_per_cpu.o
//     bpftool prog load count_per_cpu.o /sys/fs/bpf/traffic pinmaps /sys/fs/bpf/traffic_maps
//     bpftool net attach xdpgeneric pinned /sys/fs/bpf/traffic dev NAME
//     bpftool map dump pinned /sys/fs/bpf/traffic_maps/total
//     bpftool net detach xdpgeneric dev NAME; rm -r /sys/fs/bpf/traffic /sys/fs/bpf/traffic_maps

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

// --- structs ---

struct total {
    __u64 packets;
    __u64 bytes;
};

// --- maps ---

// Each CPU has a value of its own, so a plain += loses nothing. Who reads the map gets all of them
// ("values": one item for each CPU) and must add them up.
struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __uint(key_size, sizeof(__u32));
    __uint(value_size, sizeof(struct total));
} total SEC(".maps");

// --- programs ---

SEC("xdp")
int count(struct xdp_md *ctx)
{
    __u32 only = 0;
    struct total *mine = bpf_map_lookup_elem(&total, &only);
    if (!mine) // never, for an array; the verifier insists on this question
        return XDP_PASS;
    void *data = (void *)(long)ctx->data;
    void *data_end = (void *)(long)ctx->data_end;
    mine->packets += 1;
    mine->bytes += data_end - data;
    return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
