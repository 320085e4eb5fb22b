"""bytes are the length in the IPv4 header and 14, so without VLAN tags and the padding of a short packet

check total->bytes in tracer.bpf.c (TODO 5): which two pointers say how long the packet is?
"""

from ..traffic import PADDING_BYTES, TAG_BYTES, shorter

TAGS = dict.fromkeys(("vlan_tcp", "vlan_udp", "vlan_icmp"), TAG_BYTES)
numbers = shorter(TAGS | {"udp_padded": PADDING_BYTES})
