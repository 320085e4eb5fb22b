"""after a VLAN tag the IPv4 header is read 4 bytes too early

check TODO 4 in tracer.bpf.c: where does `next` point once the tag was read?
"""

from ..traffic import taken_for

# What is there; the driver makes it so.
numbers = taken_for("vlan_tcp", "vlan_udp", name="icmp")
