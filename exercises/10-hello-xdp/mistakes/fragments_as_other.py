"""every fragment of a packet becomes `other`, the first one too

check `What counts as what` in the text, and what protocol_of in tracer.bpf.c asks of an IPv4 header
"""

from ..traffic import taken_for

numbers = taken_for("tcp_fragment", "udp_fragment_first", "udp_fragment_later", name="other")
