// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
// Exercise 10, variant: a hash map keyed by what the packet says, sorted into protocols by Python.

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

// --- structs ---

struct key {
    __u16 ethertype; // 0 where the packet is too short to tell
    __u8 protocol;   // 0 where it is not IPv4
    __u8 unused;
};

struct total {
    __u64 packets;
    __u64 bytes;
};

// --- maps ---

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_HASH);
    __uint(max_entries, 1024);
    __uint(key_size, sizeof(struct key));
    __uint(value_size, sizeof(struct total));
} seen SEC(".maps");

// --- programs ---

static void find(struct key *key, void *data, void *end)
{
    struct ethhdr *eth = data;
    __be16 *type = &eth->h_proto;
    if ((void *)(eth + 1) > end)
        return;
    for (int tags = 0; tags < 1 && *type == bpf_htons(ETH_P_8021Q); tags++) {
        type += 2;
        if ((void *)(type + 1) > end)
            return;
    }
    key->ethertype = bpf_ntohs(*type);
    if (key->ethertype != ETH_P_IP)
        return;
    struct iphdr *ip = (void *)(type + 1);
    if ((void *)ip + sizeof(*ip) <= end)
        key->protocol = ip->protocol;
    else
        key->ethertype = 0;
}

SEC("xdp")
int count(struct xdp_md *ctx)
{
    void *data = (void *)(long)ctx->data;
    void *end = (void *)(long)ctx->data_end;
    struct key key = {};
    struct total first = {1, end - data};

    find(&key, data, end);
    struct total *total = bpf_map_lookup_elem(&seen, &key);
    if (total) {
        total->packets++;
        total->bytes += end - data;
    } else {
        bpf_map_update_elem(&seen, &key, &first, BPF_ANY);
    }
    return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
