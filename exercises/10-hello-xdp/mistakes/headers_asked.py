"""ARP and IPv6 count only when there is more than their EtherType

check where protocol_of in tracer.bpf.c compares with data_end: what must be there to tell ARP and IPv6?
"""

from ..traffic import taken_for

numbers = taken_for("arp_begun", "ipv6_begun", name="other")
