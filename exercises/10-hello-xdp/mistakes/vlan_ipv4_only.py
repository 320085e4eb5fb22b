"""after a VLAN tag only IPv4 is known, so ARP and IPv6 there become `other`

check the order of the steps in protocol_of (tracer.bpf.c): is TODO 4 done before TODO 2 asks for proto?
"""

from ..traffic import taken_for

numbers = taken_for("vlan_arp", "vlan_ipv6", name="other")
