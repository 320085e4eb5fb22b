"""Exercise 10: what is sent, and what must be true of an XDP program that counts by protocol."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from grader.checks import (
    Place,
    clean_exit,
    failed,
    loaded,
    needs,
    passed,
    ran,
    ready,
    report_readable,
)
from grader.checks.making import likeliest
from grader.checks.maps import losses
from grader.checks.network import (
    everything_passed,
    frames_arrived,
    interface_left_alone,
    judged,
    link_of,
    xdp,
    xdp_attached,
)
from grader.checks.own_tracing import own_tracing
from grader.exercise import Check, HostCpus, Numbers, Recorder
from grader.observation import Observation
from grader.report.fields import Fields, report_fields
from grader.traffic import Step, TrafficPlan
from grader.truth.calls import ledger
from grader.truth.counts import Count, compare_table
from grader.verdict import Finding

INTERFACE = "lab0"
HEADER_BYTES, TAG_BYTES, PADDING_BYTES = 14, 4, 11
PROTOCOLS = ("tcp", "udp", "icmp", "arp", "ipv6", "other")

CLASS_OF = {
    "tcp": "tcp",
    "tcp_options": "tcp",
    "tcp_fragment": "tcp",
    "udp": "udp",
    "udp_fragment_first": "udp",
    "udp_fragment_later": "udp",
    "udp_padded": "udp",
    "icmp": "icmp",
    "gre": "other",
    "arp": "arp",
    "arp_begun": "arp",
    "ipv6_tcp": "ipv6",
    "ipv6_udp": "ipv6",
    "ipv6_icmp": "ipv6",
    "ipv6_begun": "ipv6",
    "vlan_tcp": "tcp",
    "vlan_udp": "udp",
    "vlan_icmp": "icmp",
    "vlan_arp": "arp",
    "vlan_ipv6": "ipv6",
    "ipv4_begun": "other",
    "ipv4_not_whole": "other",
    "vlan_begun": "other",
    "arp_backwards": "other",
    "unknown": "other",
}
"""Kind of frame, as the driver makes it -> what the exercise's text calls it."""

SEEN_AS = {"ipv4/6": "tcp", "ipv4/17": "udp", "ipv4/1": "icmp", "arp": "arp", "ipv6": "ipv6"}
"""The same for frames as the lab's packet socket reads them, without the tag; everything else is `other`."""

TAGGED = tuple(kind for kind in CLASS_OF if kind.startswith("vlan_"))

PRIMES = tuple(number for number in range(23, 152) if all(number % divisor for divisor in range(2, number)))
MOST_CPUS = 4

# The two recorders of system calls have nothing to note here; what arrives is seen by the interface's own
# statistics and by a packet socket behind XDP.
RECORDER = Recorder(syscalls=())


def plan(rng: random.Random, cpus: HostCpus) -> TrafficPlan:
    """On each CPU a prime number of frames of each kind, all numbers of a CPU different."""
    steps = tuple(
        frames(dict(zip(CLASS_OF, rng.sample(PRIMES, len(CLASS_OF)), strict=True)), rng, cpu)
        for cpu in range(min(cpus, MOST_CPUS))
    )
    return TrafficPlan(canary=frames({"udp": 2, "arp": 1}, rng, 0), phases=(steps, (steps[-1],)))


def frames(numbers: Mapping[str, int], rng: random.Random, cpu: int) -> Step:
    """So many frames of each kind, mixed, sent by this CPU."""
    return Step("raw_packets", {"frames": dict(numbers), "seed": rng.getrandbits(32), "cpu": cpu})


# --- truth ---


def sent(
    seen: Observation,
    unit: str,
    class_of: Callable[[str], str] = CLASS_OF.__getitem__,
    cpu: int | None = None,
) -> dict[str, int]:
    """Class -> number of `packets` or `bytes` that were sent, by all CPUs or by one."""
    totals = dict.fromkeys(PROTOCOLS, 0)
    for entry in ledger(seen, "raw_packets"):
        if cpu is None or entry.detail["cpu"] == cpu:
            for kind, count in entry.detail["sent"].items():
                totals[class_of(kind)] += count[unit]
    return totals


def due(seen: Observation) -> dict[Place, Count]:
    """The program runs once for each frame."""
    return {xdp(INTERFACE): Count(sum(sent(seen, "packets").values()))}


def read_table(report: Fields, unit: str) -> dict[str, int]:
    """Protocol -> number."""
    table = report.fields(unit)
    return {name: table.count(name) for name in PROTOCOLS}


def read_report(report: Fields) -> None:
    """Both tables."""
    read_table(report, "packets")
    read_table(report, "bytes")


# --- checks ---

HINTS = {
    "packets": "protocol_of in tracer.bpf.c, and `What counts as what` in the text: which header decides?",
    "bytes": "look at total->bytes in tracer.bpf.c (TODO 5): a packet is everything from data to data_end",
}


def counted_in_the_kernel(seen: Observation) -> Finding:
    """your numbers come from your program, through a map"""
    mine = {one.program_id for one in seen.kernel.attachments if xdp(INTERFACE).is_at(one)}
    used = {number for one in seen.kernel.programs if one.id in mine for number in one.map_ids}
    if used:
        names = ", ".join(one.name for one in seen.kernel.maps if one.id in used)
        return passed(f"your program uses a map ({names})")
    return failed(
        "your program uses no map, so your numbers come from somewhere else",
        cause="no_map",
        hint="in tracer.bpf.c the program counts into the map `totals`; totals() in tracer.py reads that",
    )


def packets_by_protocol(seen: Observation) -> Finding:
    """every packet is counted once, under its protocol"""
    return told(seen, "packets")


@needs("packets_by_protocol")
def bytes_by_protocol(seen: Observation) -> Finding:
    """the bytes of every packet are counted, from its first to its last"""
    return told(seen, "bytes")


def told(seen: Observation, unit: str) -> Finding:
    """One table beside the truth; a number that one CPU alone would have counted is named."""
    expected, got = sent(seen, unit), read_table(report_fields(seen), unit)
    cause, hint = "", HINTS[unit]
    cpus = {int(entry.detail["cpu"]) for entry in ledger(seen, "raw_packets")}
    if len(cpus) > 1 and any(got == sent(seen, unit, cpu=cpu) for cpu in cpus):
        cause = "one_cpu"
        hint = "look at totals() in tracer.py (TODO 6): a per-CPU map has one value for each CPU"
    elif all(got[name] == 2 * expected[name] for name in PROTOCOLS):
        cause = "counted_twice"
        hint = "your program ran once for each packet: where does it, or totals() in tracer.py, add twice?"
    elif unit == "packets" and got["other"] == sum(expected.values()):
        hint = "all packets are `other`: protocol_of in tracer.bpf.c (TODO 2 to 4), and bpf_htons there"
    elif got == sent(seen, "bytes" if unit == "packets" else "packets"):
        cause, hint = (
            "units_swapped",
            "these are the numbers of the other table: see totals() in tracer.py (TODO 6)",
        )
    elif got != expected and sorted(got.values()) == sorted(expected.values()):
        cause = "names_permuted"
        hint = "the right numbers stand under other names: have tracer.py and tracer.bpf.c the same order?"
    counts = {name: Count(number) for name, number in expected.items()}
    # What one CPU alone would have counted is known exactly, see above.
    fitting = losses(seen, counts, got, but=("one_cpu",))
    if fitting and not cause:
        cause, hint = likeliest(fitting)
    return compare_table(got, counts, unit=unit, cause=cause, hint=hint)


CHECKS: tuple[Check, ...] = (
    loaded,
    ready,
    own_tracing,
    xdp_attached(INTERFACE),
    interface_left_alone,
    clean_exit,
    report_readable(read_report),
    counted_in_the_kernel,
    ran(xdp(INTERFACE), truth=due, what="packets", title="your program ran for every packet"),
    everything_passed,
    packets_by_protocol,
    bytes_by_protocol,
)


# --- evidence ---


def interface_received_what_was_sent(seen: Observation) -> str | None:
    """The interface's own statistics against the ledger."""
    return frames_arrived(seen, sum(sent(seen, "packets").values()))


def packet_socket_read_what_was_sent(seen: Observation) -> str | None:
    """The packet socket's own reading of the frames against how they were made, when none was dropped."""
    if not judged(seen):
        return None
    packets, size = dict.fromkeys(PROTOCOLS, 0), dict.fromkeys(PROTOCOLS, 0)
    for kind, count in link_of(seen).arrived.items():
        name = SEEN_AS.get(kind.removeprefix("vlan "), "other")
        packets[name] += count.packets
        size[name] += count.bytes
    if sum(packets.values()) < link_of(seen).received:
        return None  # dropped by the tracer: the check of that speaks
    for unit, read in (("packets", packets), ("bytes", size)):
        if read != sent(seen, unit):
            return f"the packet socket read {read} {unit}, and {sent(seen, unit)} were sent"
    return None


EVIDENCE = (interface_received_what_was_sent, packet_socket_read_what_was_sent)


# --- misconceptions ---


def tables(seen: Observation, class_of: Callable[[str], str]) -> Numbers:
    """The whole report of a tracer that takes each kind of frame for this."""
    return as_report({unit: sent(seen, unit, class_of) for unit in ("packets", "bytes")})


def as_report(numbers: Mapping[str, Mapping[str, int]]) -> Numbers:
    """Keyed as in the report."""
    return {f"{unit}.{name}": number for unit, table in numbers.items() for name, number in table.items()}


def taken_for(wrong: Mapping[str, str]) -> Callable[[str], str]:
    """The right class but for these kinds."""
    return lambda kind: wrong.get(kind, CLASS_OF[kind])


def byte_order(seen: Observation) -> Numbers:
    """the EtherType is compared without bpf_htons, so that its two bytes are the wrong way round

    look at what proto is compared with in protocol_of (tracer.bpf.c), and at `Byte order` in the text
    """
    wrong = dict.fromkeys(CLASS_OF, "other") | {"arp_backwards": "arp"}
    return tables(seen, taken_for(wrong))


def vlan_as_other(seen: Observation) -> Numbers:
    """frames with a VLAN tag are not looked into

    look at TODO 4 in tracer.bpf.c: it comes before TODO 2 and 3, so that they see what is behind the tag
    """
    return tables(seen, taken_for(dict.fromkeys(TAGGED, "other")))


def vlan_ipv4_only(seen: Observation) -> Numbers:
    """behind a VLAN tag only IPv4 is known, so ARP and IPv6 there become `other`

    look at the order of the steps in protocol_of (tracer.bpf.c): is TODO 4 done before TODO 2 asks for proto?
    """
    return tables(seen, taken_for(dict.fromkeys(("vlan_arp", "vlan_ipv6"), "other")))


def vlan_ipv6_as_other(seen: Observation) -> Numbers:
    """IPv6 behind a VLAN tag becomes `other`

    look where protocol_of in tracer.bpf.c asks for IPv6: does proto already say what is behind the tag there?
    """
    return tables(seen, taken_for({"vlan_ipv6": "other"}))


def vlan_icmp_ipv6_as_other(seen: Observation) -> Numbers:
    """behind a VLAN tag only TCP, UDP and ARP are known, so ICMP and IPv6 there become `other`

    look at TODO 4 in protocol_of, tracer.bpf.c: behind a tag comes all that comes without one
    """
    return tables(seen, taken_for(dict.fromkeys(("vlan_icmp", "vlan_ipv6"), "other")))


def vlan_tcp_udp_only(seen: Observation) -> Numbers:
    """behind a VLAN tag only TCP and UDP are known, so all else there becomes `other`

    look at TODO 4 in protocol_of, tracer.bpf.c: behind a tag comes all that comes without one
    """
    return tables(seen, taken_for(dict.fromkeys(("vlan_icmp", "vlan_arp", "vlan_ipv6"), "other")))


def next_not_moved(seen: Observation) -> Numbers:
    """behind a VLAN tag the IPv4 header is read 4 bytes too early

    look at TODO 4 in tracer.bpf.c: where does `next` point when the tag was read?
    """
    # What lies there; the driver makes it so.
    return tables(seen, taken_for(dict.fromkeys(("vlan_tcp", "vlan_udp"), "icmp")))


def no_ethertype(seen: Observation) -> Numbers:
    """the EtherType is never asked, so that ARP and IPv6 are read as if they were IPv4

    look at protocol_of in tracer.bpf.c (TODO 3): what must proto be before `next` is an IPv4 header?
    """
    # What lies where an IPv4 header has its protocol; the driver makes it so.
    wrong = dict.fromkeys(("arp", "arp_backwards"), "tcp")
    wrong |= dict.fromkeys(("ipv6_tcp", "ipv6_udp", "ipv6_icmp", "vlan_ipv6"), "udp")
    wrong |= dict.fromkeys(("vlan_tcp", "vlan_udp", "vlan_icmp", "unknown"), "icmp")
    wrong |= dict.fromkeys(("arp_begun", "ipv6_begun", "vlan_arp"), "other")
    return tables(seen, taken_for(wrong))


def ipv6_header_asked(seen: Observation) -> Numbers:
    """IPv6 is believed only when more than its EtherType is there

    look where protocol_of in tracer.bpf.c compares with data_end before it returns IPV6 (TODO 2)
    """
    return tables(seen, taken_for({"ipv6_begun": "other"}))


def arp_header_asked(seen: Observation) -> Numbers:
    """ARP is believed only when more than its EtherType is there

    look where protocol_of in tracer.bpf.c compares with data_end before it returns ARP (TODO 2)
    """
    return tables(seen, taken_for({"arp_begun": "other"}))


def headers_asked(seen: Observation) -> Numbers:
    """ARP and IPv6 are believed only when more than their EtherType is there

    look where protocol_of in tracer.bpf.c compares with data_end: what must be there to tell ARP and IPv6?
    """
    return tables(seen, taken_for(dict.fromkeys(("arp_begun", "ipv6_begun"), "other")))


def icmpv6_as_icmp(seen: Observation) -> Numbers:
    """ICMP for IPv6 counts as `icmp`

    look at `What counts as what` in the text, and at what protocol_of in tracer.bpf.c does with IPv6 (TODO 2)
    """
    return tables(seen, taken_for({"ipv6_icmp": "icmp"}))


def fragments_left_out(seen: Observation) -> Numbers:
    """a TCP or UDP header is asked for, which the later fragments of a packet do not have

    look how far protocol_of in tracer.bpf.c reads: the IPv4 header alone names the protocol
    """
    return tables(seen, taken_for(dict.fromkeys(("tcp_fragment", "udp_fragment_later"), "other")))


def fragments_as_other(seen: Observation) -> Numbers:
    """every fragment of a packet becomes `other`, the first one too

    look at `What counts as what` in the text, and at what protocol_of in tracer.bpf.c asks of an IPv4 header
    """
    wrong = dict.fromkeys(("tcp_fragment", "udp_fragment_first", "udp_fragment_later"), "other")
    return tables(seen, taken_for(wrong))


def header_not_whole(seen: Observation) -> Numbers:
    """an IPv4 header is believed although the packet ends within it

    look at the comparison with data_end in protocol_of, tracer.bpf.c (TODO 3): the whole header must be there
    """
    return tables(seen, taken_for({"ipv4_not_whole": "tcp"}))


def shorter(seen: Observation, missing: Mapping[str, int]) -> Numbers:
    """The right packets, and so many bytes too few for each packet of a kind."""
    size = sent(seen, "bytes")
    for entry in ledger(seen, "raw_packets"):
        for kind, count in entry.detail["sent"].items():
            size[CLASS_OF[kind]] -= missing.get(kind, 0) * count["packets"]
    return as_report({"packets": sent(seen, "packets"), "bytes": size})


def without_ethernet_header(seen: Observation) -> Numbers:
    """bytes are counted without the 14 bytes of the Ethernet header

    look at total->bytes in tracer.bpf.c (TODO 5): where does the packet begin?
    """
    return shorter(seen, dict.fromkeys(CLASS_OF, HEADER_BYTES))


def without_vlan_tag(seen: Observation) -> Numbers:
    """bytes are counted without the 4 bytes of the VLAN tag

    look at total->bytes in tracer.bpf.c (TODO 5): is it the same with and without a tag?
    """
    return shorter(seen, dict.fromkeys(TAGGED, TAG_BYTES))


def bytes_from_ip_length(seen: Observation) -> Numbers:
    """bytes come from the length in the IPv4 header, which does not know what pads a short packet

    look at total->bytes in tracer.bpf.c (TODO 5): which two pointers say how long the packet is?
    """
    return shorter(seen, {"udp_padded": PADDING_BYTES})


def ip_length_and_14(seen: Observation) -> Numbers:
    """bytes are the length in the IPv4 header and 14, so without VLAN tags and what pads a short packet

    look at total->bytes in tracer.bpf.c (TODO 5): which two pointers say how long the packet is?
    """
    tags = dict.fromkeys(("vlan_tcp", "vlan_udp", "vlan_icmp"), TAG_BYTES)
    return shorter(seen, tags | {"udp_padded": PADDING_BYTES})


MISCONCEPTIONS = {
    "byte_order": byte_order,
    "vlan_as_other": vlan_as_other,
    "vlan_ipv4_only": vlan_ipv4_only,
    "vlan_ipv6_as_other": vlan_ipv6_as_other,
    "vlan_icmp_ipv6_as_other": vlan_icmp_ipv6_as_other,
    "vlan_tcp_udp_only": vlan_tcp_udp_only,
    "next_not_moved": next_not_moved,
    "no_ethertype": no_ethertype,
    "ipv6_header_asked": ipv6_header_asked,
    "arp_header_asked": arp_header_asked,
    "headers_asked": headers_asked,
    "icmpv6_as_icmp": icmpv6_as_icmp,
    "fragments_left_out": fragments_left_out,
    "fragments_as_other": fragments_as_other,
    "header_not_whole": header_not_whole,
    "without_ethernet_header": without_ethernet_header,
    "without_vlan_tag": without_vlan_tag,
    "bytes_from_ip_length": bytes_from_ip_length,
    "ip_length_and_14": ip_length_and_14,
}


def summary(seen: Observation) -> Numbers:
    """What `lab run` shows as really sent."""
    return as_report({unit: sent(seen, unit) for unit in ("packets", "bytes")})
