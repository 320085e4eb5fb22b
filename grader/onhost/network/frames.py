"""Network frames of named kinds, made byte by byte. What is not said here is random.

Some bytes are fixed on purpose, so that a program which never looks at the EtherType counts numbers that can
be told beforehand: what lies where an IPv4 header would have its protocol is 6 in an ARP frame, 17 in an IPv6
frame (behind a VLAN tag too) and 1 in an IPv4 frame behind a VLAN tag. Frames that end early end before it.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Callable

IPV4, ARP, IPV6, VLAN = 0x0800, 0x0806, 0x86DD, 0x8100
ICMP, TCP, UDP, GRE, ICMPV6 = 1, 6, 17, 47, 58
MORE_FRAGMENTS = 0x2000

TO = bytes.fromhex("02000a000002")  # nobody's, so nothing answers
FROM = bytes.fromhex("020600000001")
TAG = struct.pack("!H", 211)

SHORTEST_ON_A_WIRE, LONGEST = 60, 1514


def ethernet(ethertype: int, payload: bytes) -> bytes:
    """A frame without its checksum, as programs see it."""
    return TO + FROM + struct.pack("!H", ethertype) + payload


def ipv4(protocol: int, payload: bytes, options: bytes = b"", fragment: int = 0, number: int = 0) -> bytes:
    """A packet with a right header checksum. `fragment` holds the flags and the offset in 8 bytes."""
    words = (20 + len(options)) // 4
    length = 4 * words + len(payload)
    head = struct.pack("!BBHHHBBH", 0x40 | words, 0, length, number, fragment, 64, protocol, 0)
    head += bytes((10, 0, 0, 1, 10, 0, 0, 2)) + options
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def checksum(header: bytes) -> int:
    """The ones' complement sum over 16-bit words."""
    total: int = sum(struct.unpack(f"!{len(header) // 2}H", header))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def tcp(rng: random.Random, room: int) -> bytes:
    """A segment that fills `room` bytes, at least its header."""
    head = struct.pack(
        "!HHIIBBHHH", rng.randrange(1024, 65536), 80, rng.getrandbits(32), 0, 0x50, 0x10, 512, 0, 0
    )
    return head + rng.randbytes(max(0, room - len(head)))


def udp(rng: random.Random, room: int) -> bytes:
    """A datagram that fills `room` bytes, at least its header."""
    body = rng.randbytes(max(0, room - 8))
    return struct.pack("!HHHH", rng.randrange(1024, 65536), 53, 8 + len(body), 0) + body


def icmp(rng: random.Random, room: int) -> bytes:
    """An echo request."""
    return struct.pack("!BBHHH", 8, 0, 0, rng.getrandbits(16), 1) + rng.randbytes(max(0, room - 8))


def icmpv6(rng: random.Random, room: int) -> bytes:
    """An echo request of IPv6."""
    return struct.pack("!BBHHH", 128, 0, 0, rng.getrandbits(16), 1) + rng.randbytes(max(0, room - 8))


def arp() -> bytes:
    """Who has 10.0.0.2?"""
    return (
        struct.pack("!HHBBH", 1, IPV4, 6, 4, 1)
        + FROM
        + bytes((10, 0, 0, 1))
        + bytes(6)
        + bytes((10, 0, 0, 2))
    )


def ipv6(following: int, payload: bytes) -> bytes:
    """A packet from fd11::1 to fd00::2."""
    head = struct.pack("!IHBB", 0x60000000, len(payload), following, 64)
    return (
        head + bytes.fromhex("fd11") + bytes(13) + b"\1" + bytes.fromhex("fd00") + bytes(13) + b"\2" + payload
    )


def tagged(ethertype: int, payload: bytes) -> bytes:
    """A frame with a VLAN tag: the real EtherType stands behind the tag."""
    return ethernet(VLAN, TAG + struct.pack("!H", ethertype) + payload)


def tagged_ipv6(rng: random.Random, size: int) -> bytes:
    """The low byte of its length lies where an IPv4 header without a tag has its protocol: 17."""
    whole = max(0, size - 18 - 40 - UDP) // 256
    return tagged(IPV6, ipv6(UDP, udp(rng, 256 * whole + UDP)))


def padded(frame: bytes) -> bytes:
    """As a network card fills up what is too short for a wire."""
    return frame.ljust(SHORTEST_ON_A_WIRE, b"\0")


def begun(rng: random.Random, whole: bytes, low: int, high: int) -> bytes:
    """Its first `low` to `high` bytes."""
    return whole[: rng.randint(low, high)]


def strange(rng: random.Random, room: int) -> bytes:
    """A payload of no protocol; 1 where an IPv4 header has its protocol."""
    return rng.randbytes(9) + b"\1" + rng.randbytes(max(24, room - 10))


Kind = Callable[[random.Random, int], bytes]
"""Makes a frame of about so many bytes."""

KINDS: dict[str, Kind] = {
    "tcp": lambda rng, size: ethernet(IPV4, ipv4(TCP, tcp(rng, size - 34))),
    "tcp_options": lambda rng, size: ethernet(IPV4, ipv4(TCP, tcp(rng, size - 42), options=bytes(8))),
    "tcp_fragment": lambda rng, size: ethernet(IPV4, ipv4(TCP, rng.randbytes(8), fragment=3)),
    "udp": lambda rng, size: ethernet(IPV4, ipv4(UDP, udp(rng, size - 34))),
    "udp_fragment_first": lambda rng, size: ethernet(
        IPV4, ipv4(UDP, udp(rng, size - 34), fragment=MORE_FRAGMENTS)
    ),
    "udp_fragment_later": lambda rng, size: ethernet(
        IPV4, ipv4(UDP, rng.randbytes(rng.randint(1, 7)), fragment=185)
    ),
    # The same number of bytes behind the packet each time: see the misconceptions of exercise 10.
    "udp_padded": lambda rng, size: padded(ethernet(IPV4, ipv4(UDP, udp(rng, 15)))),
    "icmp": lambda rng, size: ethernet(IPV4, ipv4(ICMP, icmp(rng, size - 34))),
    "gre": lambda rng, size: ethernet(IPV4, ipv4(GRE, rng.randbytes(max(4, size - 34)))),
    "arp": lambda rng, size: ethernet(ARP, arp()),
    # Less than any struct that a program may ask for: ARP's first 8 bytes, an IPv4 header.
    "arp_begun": lambda rng, size: ethernet(ARP, begun(rng, arp(), 1, 7)),
    "ipv6_tcp": lambda rng, size: ethernet(IPV6, ipv6(TCP, tcp(rng, size - 54))),
    "ipv6_udp": lambda rng, size: ethernet(IPV6, ipv6(UDP, udp(rng, size - 54))),
    "ipv6_icmp": lambda rng, size: ethernet(IPV6, ipv6(ICMPV6, icmpv6(rng, size - 54))),
    "ipv6_begun": lambda rng, size: ethernet(IPV6, begun(rng, ipv6(TCP, b""), 1, 19)),
    "vlan_tcp": lambda rng, size: tagged(IPV4, ipv4(TCP, tcp(rng, size - 38), number=1)),
    "vlan_udp": lambda rng, size: tagged(IPV4, ipv4(UDP, udp(rng, size - 38), number=1)),
    "vlan_icmp": lambda rng, size: tagged(IPV4, ipv4(ICMP, icmp(rng, size - 38), number=1)),
    "vlan_arp": lambda rng, size: tagged(ARP, arp()),
    "vlan_ipv6": tagged_ipv6,
    "ipv4_begun": lambda rng, size: ethernet(IPV4, begun(rng, ipv4(TCP, b""), 1, 9)),
    "ipv4_not_whole": lambda rng, size: ethernet(IPV4, begun(rng, ipv4(TCP, b""), 10, 19)),
    # The kernel itself throws away what has less than 2 bytes behind its tag.
    "vlan_begun": lambda rng, size: tagged(IPV4, begun(rng, ipv4(TCP, b""), 2, 9)),
    "arp_backwards": lambda rng, size: ethernet(0x0608, arp()),
    "unknown": lambda rng, size: ethernet(0x88B5, strange(rng, size - 14)),
}


def kind_of(frame: bytes) -> str:
    """What a frame is, read from its bytes alone: `ipv4/6`, `vlan arp`, `ipv6`, `0x88b5`, `short`."""
    tag = frame[12:14] == struct.pack("!H", VLAN)
    start = 16 if tag else 12
    if len(frame) < start + 2:
        return "vlan short" if tag else "short"
    ethertype = int.from_bytes(frame[start : start + 2], "big")
    before = "vlan " if tag else ""
    if ethertype == IPV4:
        whole = len(frame) >= start + 22
        return f"{before}ipv4/{frame[start + 11]}" if whole else f"{before}short"
    return before + {ARP: "arp", IPV6: "ipv6"}.get(ethertype, f"0x{ethertype:04x}")
