"""bytes come from the length in the IPv4 header, which leaves out the padding of a short packet

check total->bytes in tracer.bpf.c (TODO 5): which two pointers say how long the packet is?
"""

from ..traffic import PADDING_BYTES, shorter

numbers = shorter({"udp_padded": PADDING_BYTES})
