"""the EtherType is never checked, so ARP and IPv6 are read as if they were IPv4

check protocol_of in tracer.bpf.c (TODO 3): what must proto be before `next` is an IPv4 header?
"""

from ..traffic import taking

# What is there where an IPv4 header has its protocol; the driver makes it so.
numbers = taking(
    dict.fromkeys(("arp", "arp_backwards"), "tcp")
    | dict.fromkeys(("ipv6_tcp", "ipv6_udp", "ipv6_icmp", "vlan_ipv6"), "udp")
    | dict.fromkeys(("vlan_tcp", "vlan_udp", "vlan_icmp", "unknown"), "icmp")
    | dict.fromkeys(("arp_begun", "ipv6_begun", "vlan_arp"), "other")
)
