"""ICMPv6 is counted as `icmp`

check `What counts as what` in the text, and what protocol_of in tracer.bpf.c does with IPv6 (TODO 2)
"""

from ..traffic import taken_for

numbers = taken_for("ipv6_icmp", name="icmp")
