"""IPv6 after a VLAN tag becomes `other`

check where protocol_of in tracer.bpf.c asks for IPv6: does proto already say what follows the tag there?
"""

from ..traffic import taken_for

numbers = taken_for("vlan_ipv6", name="other")
