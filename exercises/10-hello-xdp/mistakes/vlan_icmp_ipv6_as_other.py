"""after a VLAN tag only TCP, UDP and ARP are known, so ICMP and IPv6 there become `other`

check TODO 4 in protocol_of, tracer.bpf.c: whatever comes without a tag also comes with one
"""

from ..traffic import taken_for

numbers = taken_for("vlan_icmp", "vlan_ipv6", name="other")
