#include <linux/bpf.h>
#include <linux/if_ether.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __uint(key_size, sizeof(__u32));
    __uint(value_size, sizeof(__u64));
} totals SEC(".maps");

SEC("xdp")
int hello(struct xdp_md *ctx)
{
    void *data = (void *)(long)ctx->data, *data_end = (void *)(long)ctx->data_end;
    struct ethhdr *eth = data;
    __u32 only = 0

    if ((void *)(eth + 1) > data_end)
        return XDP_PASS;
    if (eth->h_proto == bpf_htons(ETH_P_IP)) {
        __u64 *total = bpf_map_lookup_elem(&totals, &only);
        if (total)
            __sync_fetch_and_add(total, 1);
    }
    return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
