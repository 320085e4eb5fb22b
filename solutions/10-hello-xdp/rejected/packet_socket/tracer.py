# expect: loaded not_permitted
"""Exercise 10, rejected: a packet socket counts, no eBPF."""

import socket
from collections import Counter

from lab_tracer import interface, ready, report, wait_for_stop

NAMES = {0x0800: "tcp", 0x0806: "arp", 0x86DD: "ipv6"}
sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
sock.bind((interface, 0))
sock.setblocking(False)
packets = Counter()


def count():
    try:
        while frame := sock.recv(2048):
            packets[NAMES.get(int.from_bytes(frame[12:14], "big"), "other")] += 1
    except BlockingIOError:
        pass


ready()
wait_for_stop(poll=count)
report({"packets": dict(packets), "bytes": {}})
