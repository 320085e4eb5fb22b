# expect: xdp_on_the_interface nothing_attached
"""Exercise 10, rejected: no eBPF at all, only the numbers of an earlier run."""

from lab_tracer import ready, report, wait_for_stop

PROTOCOLS = ("tcp", "udp", "icmp", "arp", "ipv6", "other")

ready()
wait_for_stop()
report({"packets": dict.fromkeys(PROTOCOLS, 811), "bytes": dict.fromkeys(PROTOCOLS, 623317)})
