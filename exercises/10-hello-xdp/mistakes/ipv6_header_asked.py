"""IPv6 counts only when there is more than its EtherType

check where protocol_of in tracer.bpf.c compares with data_end before it returns IPV6 (TODO 2)
"""

from ..traffic import taken_for

numbers = taken_for("ipv6_begun", name="other")
