// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// Exercise 10, rejected: a whole IPv6 header must be there.
// No BCC: clang compiles this file as it stands, so every header and the license are our own business.

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

// --- structs ---

// The entries of the map. tracer.py has the same names in the same order.
enum protocol { TCP, UDP, ICMP, ARP, IPV6, OTHER, PROTOCOLS };

struct total {
    __u64 packets;
    __u64 bytes;
};

// What stands behind the EtherType 0x8100: a tag, and then the real EtherType.
struct vlan_tag {
    __be16 tag;
    __be16 proto;
};

// --- maps ---

// One struct total for each protocol and CPU: no two CPUs ever write to the same place.
struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, PROTOCOLS);
    __uint(key_size, sizeof(__u32));
    __uint(value_size, sizeof(struct total));
} totals SEC(".maps");

// --- programs ---

static enum protocol protocol_of(void *data, void *data_end)
{
    struct ethhdr *eth = data;
    if ((void *)(eth + 1) > data_end)
        return OTHER;
    __be16 proto = eth->h_proto; // as on the wire: the high byte first
    void *next = eth + 1;

    if (proto == bpf_htons(ETH_P_8021Q)) {
        struct vlan_tag *vlan = next;
        if ((void *)(vlan + 1) > data_end)
            return OTHER;
        proto = vlan->proto;
        next = vlan + 1;
    }
    if (proto == bpf_htons(ETH_P_ARP))
        return ARP;
    if (proto == bpf_htons(ETH_P_IPV6)) {
        struct ipv6hdr *ip6 = next;
        return (void *)(ip6 + 1) > data_end ? OTHER : IPV6;
    }
    if (proto != bpf_htons(ETH_P_IP))
        return OTHER;

    struct iphdr *ip = next;
    if ((void *)(ip + 1) > data_end)
        return OTHER;
    switch (ip->protocol) {
    case IPPROTO_TCP:
        return TCP;
    case IPPROTO_UDP:
        return UDP;
    case IPPROTO_ICMP:
        return ICMP;
    }
    return OTHER;
}

SEC("xdp")
int count_packets(struct xdp_md *ctx)
{
    void *data = (void *)(long)ctx->data;
    void *data_end = (void *)(long)ctx->data_end;

    __u32 key = protocol_of(data, data_end);
    struct total *total = bpf_map_lookup_elem(&totals, &key);
    if (total) {
        total->packets += 1;
        total->bytes += data_end - data;
    }
    return XDP_PASS; // we only look
}

char LICENSE[] SEC("license") = "GPL";
