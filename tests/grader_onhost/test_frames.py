"""The frames that are sent, and how they are read again by code that does not know how they were made."""

from __future__ import annotations

import random

import pytest

from grader.onhost.network.frames import KINDS, LONGEST, checksum, kind_of
from grader.onhost.network.link import xdp_programs

READ_AS = {
    "tcp": "ipv4/6",
    "tcp_options": "ipv4/6",
    "tcp_fragment": "ipv4/6",
    "udp": "ipv4/17",
    "udp_fragment_first": "ipv4/17",
    "udp_fragment_later": "ipv4/17",
    "udp_padded": "ipv4/17",
    "icmp": "ipv4/1",
    "gre": "ipv4/47",
    "arp": "arp",
    "arp_begun": "arp",
    "ipv6_tcp": "ipv6",
    "ipv6_udp": "ipv6",
    "ipv6_icmp": "ipv6",
    "ipv6_begun": "ipv6",
    "vlan_tcp": "vlan ipv4/6",
    "vlan_udp": "vlan ipv4/17",
    "vlan_icmp": "vlan ipv4/1",
    "vlan_arp": "vlan arp",
    "vlan_ipv6": "vlan ipv6",
    "ipv4_begun": "short",
    "ipv4_not_whole": "short",
    "vlan_begun": "vlan short",
    "arp_backwards": "0x0608",
    "unknown": "0x88b5",
}


def many(kind: str) -> list[bytes]:
    """Frames of this kind, the smallest and the largest among them."""
    rng = random.Random(kind)
    return [KINDS[kind](rng, size) for size in (60, LONGEST, *(rng.randint(60, LONGEST) for _ in range(50)))]


def test_every_kind_has_a_line_here() -> None:
    assert KINDS.keys() == READ_AS.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_a_frame_is_read_as_what_it_was_made(kind: str) -> None:
    frames = many(kind)
    assert {kind_of(frame) for frame in frames} == {READ_AS[kind]}
    assert all(15 <= len(frame) <= LONGEST for frame in frames)


@pytest.mark.parametrize("kind", [kind for kind, read in READ_AS.items() if read.startswith("ipv4")])
def test_the_checksum_of_an_ipv4_header_is_right(kind: str) -> None:
    for frame in many(kind):
        header = frame[14 : 14 + 4 * (frame[14] & 15)]
        assert checksum(header) == 0


@pytest.mark.parametrize(
    ("kind", "protocol"),
    [
        *(("arp", 6), ("arp_backwards", 6), ("unknown", 1)),
        *(("ipv6_tcp", 17), ("ipv6_udp", 17), ("ipv6_icmp", 17), ("vlan_ipv6", 17)),
        *(("vlan_tcp", 1), ("vlan_udp", 1), ("vlan_icmp", 1), ("vlan_arp", 4)),
    ],
)
def test_who_never_looks_at_the_ethertype_reads_a_known_protocol(kind: str, protocol: int) -> None:
    assert {frame[23] for frame in many(kind)} == {protocol}
    assert all(len(frame) >= 34 for frame in many(kind))


def test_an_unfinished_header_holds_the_protocol_or_does_not() -> None:
    assert all(frame[23] == 6 for frame in many("ipv4_not_whole"))
    assert all(len(frame) < 24 for frame in many("ipv4_begun"))
    assert all(20 <= len(frame) < 28 for frame in many("vlan_begun"))


def test_arp_and_ipv6_frames_may_have_hardly_more_than_their_ethertype() -> None:
    assert {len(frame) - 14 for frame in many("arp_begun")} == set(range(1, 8))  # struct arphdr has 8
    assert all(1 <= len(frame) - 14 < 20 for frame in many("ipv6_begun"))  # struct iphdr has 20


def test_a_length_in_a_header_is_that_of_the_frame_but_for_padding() -> None:
    for kind, read in READ_AS.items():
        for frame in many(kind) if read in ("ipv6", "vlan ipv6") and kind != "ipv6_begun" else ():
            start = 18 if frame[12:14] == b"\x81\x00" else 14
            assert len(frame) == start + 40 + int.from_bytes(frame[start + 4 : start + 6], "big")
    for frame in many("udp_padded"):
        assert len(frame) == 60
        assert 60 - 14 - int.from_bytes(frame[16:18], "big") == 11


def test_ipv6_carries_its_own_icmp() -> None:
    assert {frame[20] for frame in many("ipv6_icmp")} == {58}


def test_ipv6_behind_a_tag_comes_in_many_sizes() -> None:
    sizes = {len(frame) for frame in many("vlan_ipv6")}
    assert len(sizes) > 3
    assert max(sizes) > LONGEST - 256


def test_later_fragments_have_no_header_of_the_next_protocol() -> None:
    assert all(len(frame) - 34 < 8 for frame in many("udp_fragment_later"))
    assert all(len(frame) - 34 < 20 for frame in many("tcp_fragment"))


@pytest.mark.parametrize(
    ("link", "programs"),
    [
        ({"ifname": "lo"}, []),
        ({"xdp": {"mode": 2, "prog": {"id": 7}}}, [7]),
        (
            {
                "xdp": {
                    "mode": 4,
                    "attached": [{"mode": 1, "prog": {"id": 7}}, {"mode": 2, "prog": {"id": 9}}],
                }
            },
            [7, 9],
        ),
    ],
)
def test_programs_on_a_link_are_read_from_what_ip_prints(
    link: dict[str, object], programs: list[int]
) -> None:
    assert xdp_programs(link) == programs
