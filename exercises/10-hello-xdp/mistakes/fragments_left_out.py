"""a TCP or UDP header is required, which the later fragments of a packet do not have

check how far protocol_of in tracer.bpf.c reads: the IPv4 header alone names the protocol
"""

from ..traffic import taken_for

numbers = taken_for("tcp_fragment", "udp_fragment_later", name="other")
