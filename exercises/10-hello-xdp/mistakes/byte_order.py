"""the EtherType is compared without bpf_htons, so that its two bytes are the wrong way round

check what proto is compared with in protocol_of (tracer.bpf.c), and `Byte order` in the text
"""

from ..traffic import CLASS_OF, taking

numbers = taking(dict.fromkeys(CLASS_OF, "other") | {"arp_backwards": "arp"})
