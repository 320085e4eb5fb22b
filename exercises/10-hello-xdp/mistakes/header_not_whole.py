"""an IPv4 header is accepted even though the packet ends inside it

check the comparison with data_end in protocol_of, tracer.bpf.c (TODO 3): the whole header must be there
"""

from ..traffic import taken_for

numbers = taken_for("ipv4_not_whole", name="tcp")
