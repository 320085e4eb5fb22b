"""ARP counts only when there is more than its EtherType

check where protocol_of in tracer.bpf.c compares with data_end before it returns ARP (TODO 2)
"""

from ..traffic import taken_for

numbers = taken_for("arp_begun", name="other")
