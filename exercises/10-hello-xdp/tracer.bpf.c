// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// Exercise 10: packets and bytes by protocol, counted before the network stack sees them.
// No BCC: clang compiles this file as it stands, so every header and the license are our own business.

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>

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
    __uint(key_size, sizeof(__u32)); // sizes, not types: see README
    __uint(value_size, sizeof(struct total));
} totals SEC(".maps");

// --- programs ---

// What the packet between `data` and `data_end` carries.
static enum protocol protocol_of(void *data, void *data_end)
{
    struct ethhdr *eth = data;
    if ((void *)(eth + 1) > data_end) // the kernel refuses to load a program that does not ask this
        return OTHER;
    __be16 proto = eth->h_proto; // the EtherType, as on the wire: the high byte first
    void *next = eth + 1;        // where the next header begins

    // TODO 4: when proto is bpf_htons(ETH_P_8021Q), a struct vlan_tag comes next: take proto from it,
    //         and let `next` point behind it. Compare with data_end first.

    // TODO 2: return ARP or IPV6 where proto says so (ETH_P_ARP, ETH_P_IPV6, both through bpf_htons).

    // TODO 3: when proto is ETH_P_IP, `next` is a struct iphdr. Compare with data_end: the whole header must
    //         be there. Then ip->protocol is IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP, or something else.

    return OTHER;
}

// Runs for each packet that comes in, once tracer.py has attached it to the interface.
SEC("xdp")
int count_packets(struct xdp_md *ctx)
{
    void *data = (void *)(long)ctx->data;         // the packet's first byte
    void *data_end = (void *)(long)ctx->data_end; // the byte behind its last

    __u32 key = protocol_of(data, data_end);
    struct total *total = bpf_map_lookup_elem(&totals, &key);
    if (total) {
        total->packets += 1;
        // TODO 5: add the packet's length to total->bytes.
    }
    return XDP_PASS; // we only look: the packet goes on
}

char LICENSE[] SEC("license") = "GPL";
