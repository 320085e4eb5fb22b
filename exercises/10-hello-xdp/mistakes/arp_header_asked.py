"""ARP counts only when more than its EtherType is there

check where protocol_of in tracer.bpf.c compares with data_end before it returns ARP (TODO 2)
"""

from ..traffic import taken_for

numbers = taken_for("arp_begun", name="other")
