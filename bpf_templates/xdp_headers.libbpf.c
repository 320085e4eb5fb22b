// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// Template: an XDP program that reads one header after the other.
//
// Here: how many packets go to each UDP port. Compile, load, attach and read it without BCC:
//
//     clang -g -O2 -target bpf -I/usr/include/$(uname -m)-linux-gnu -c xdp_headers.libbpf.c -o xdp_headers.o
//     bpftool prog load xdp_headers.o /sys/fs/bpf/ports pinmaps /sys/fs/bpf/ports_maps
//     bpftool net attach xdpgeneric pinned /sys/fs/bpf/ports dev NAME
//     bpftool map dump pinned /sys/fs/bpf/ports_maps/ports
//     bpftool net detach xdpgeneric dev NAME; rm -r /sys/fs/bpf/ports /sys/fs/bpf/ports_maps

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

// --- maps ---

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 1024);
    __uint(key_size, sizeof(__u16));
    __uint(value_size, sizeof(__u64));
} ports SEC(".maps");

// --- programs ---

SEC("xdp")
int count_ports(struct xdp_md *ctx)
{
    void *data = (void *)(long)ctx->data;
    void *data_end = (void *)(long)ctx->data_end;

    // `eth + 1` is the byte behind the header. The verifier follows this comparison: after it, and only then,
    // it knows that the header lies inside the packet.
    struct ethhdr *eth = data;
    if ((void *)(eth + 1) > data_end)
        return XDP_PASS;
    // Numbers in a packet have their high byte first. bpf_htons turns a constant around at compile time.
    if (eth->h_proto != bpf_htons(ETH_P_IP))
        return XDP_PASS;

    struct iphdr *ip = (void *)(eth + 1);
    if ((void *)(ip + 1) > data_end)
        return XDP_PASS;
    if (ip->protocol != IPPROTO_UDP) // one byte has no order
        return XDP_PASS;

    // An IPv4 header may carry options: its length is ihl, in words of 4 bytes.
    struct udphdr *udp = (void *)ip + ip->ihl * 4;
    if ((void *)(udp + 1) > data_end)
        return XDP_PASS;

    __u16 port = bpf_ntohs(udp->dest);
    __u64 one = 1, *count = bpf_map_lookup_elem(&ports, &port);
    if (count)
        __sync_fetch_and_add(count, 1); // two CPUs may be here at the same time
    else
        bpf_map_update_elem(&ports, &port, &one, BPF_ANY);
    return XDP_PASS; // XDP_DROP would throw the packet away
}

char LICENSE[] SEC("license") = "GPL";
