"""after a VLAN tag only TCP and UDP are known, so everything else there becomes `other`

check TODO 4 in protocol_of, tracer.bpf.c: whatever comes without a tag also comes with one
"""

from ..traffic import taken_for

numbers = taken_for("vlan_icmp", "vlan_arp", "vlan_ipv6", name="other")
