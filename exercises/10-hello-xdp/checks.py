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
from grader.counts import Count, compare_table
from grader.exercise import Check, HostCpus, Numbers, Recorder
from grader.observation import Observation
from grader.report_fields import Fields, report_fields
from grader.traffic import Step, TrafficPlan
from grader.truth import ledger
from grader.verdict import Finding

INTERFACE = "lab0"
HEADER_BYTES = 14
PROTOCOLS = ("tcp", "udp", "icmp", "arp", "ipv6", "other")

CLASS_OF = {
    "tcp": "tcp",
    "tcp_options": "tcp",
    "tcp_fragment": "tcp",
    "udp": "udp",
    "udp_fragment_first": "udp",
    "udp_fragment_later": "udp",
    "icmp": "icmp",
    "gre": "other",
    "arp": "arp",
    "ipv6_tcp": "ipv6",
    "ipv6_udp": "ipv6",
    "vlan_tcp": "tcp",
    "vlan_udp": "udp",
    "vlan_arp": "arp",
    "ipv4_begun": "other",
    "ipv4_not_whole": "other",
    "vlan_begun": "other",
    "arp_backwards": "other",
    "unknown": "other",
}
"""Kind of frame, as the driver makes it -> what the exercise's text calls it."""

SEEN_AS = {"ipv4/6": "tcp", "ipv4/17": "udp", "ipv4/1": "icmp", "arp": "arp", "ipv6": "ipv6"}
"""The same for frames as the lab's packet socket reads them, without the tag; everything else is `other`."""

PRIMES = tuple(number for number in range(23, 200) if all(number % divisor for divisor in range(2, number)))
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
    counts = {name: Count(number) for name, number in expected.items()}
    # What one CPU alone would have counted is known exactly, see above.
    fitting = [one for one in losses(seen, counts, got) if one[0] != "one_cpu"]
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
    return tables(seen, taken_for(dict.fromkeys(("vlan_tcp", "vlan_udp", "vlan_arp"), "other")))


def no_ethertype(seen: Observation) -> Numbers:
    """the EtherType is never asked, so that ARP and IPv6 are read as if they were IPv4

    look at protocol_of in tracer.bpf.c (TODO 3): what must proto be before `next` is an IPv4 header?
    """
    # What lies where an IPv4 header has its protocol; the driver makes it so.
    wrong = dict.fromkeys(("arp", "arp_backwards"), "tcp") | dict.fromkeys(("ipv6_tcp", "ipv6_udp"), "udp")
    wrong |= dict.fromkeys(("vlan_tcp", "vlan_udp", "unknown"), "icmp") | {"vlan_arp": "other"}
    return tables(seen, taken_for(wrong))


def fragments_left_out(seen: Observation) -> Numbers:
    """a TCP or UDP header is asked for, which the later fragments of a packet do not have

    look how far protocol_of in tracer.bpf.c reads: the IPv4 header alone names the protocol
    """
    return tables(seen, taken_for(dict.fromkeys(("tcp_fragment", "udp_fragment_later"), "other")))


def header_not_whole(seen: Observation) -> Numbers:
    """an IPv4 header is believed although the packet ends within it

    look at the comparison with data_end in protocol_of, tracer.bpf.c (TODO 3): the whole header must be there
    """
    return tables(seen, taken_for({"ipv4_not_whole": "tcp"}))


def without_ethernet_header(seen: Observation) -> Numbers:
    """bytes are counted without the 14 bytes of the Ethernet header

    look at total->bytes in tracer.bpf.c (TODO 5): where does the packet begin?
    """
    packets, size = sent(seen, "packets"), sent(seen, "bytes")
    less = {name: size[name] - HEADER_BYTES * packets[name] for name in PROTOCOLS}
    return as_report({"packets": packets, "bytes": less})


MISCONCEPTIONS = {
    "byte_order": byte_order,
    "vlan_as_other": vlan_as_other,
    "no_ethertype": no_ethertype,
    "fragments_left_out": fragments_left_out,
    "header_not_whole": header_not_whole,
    "without_ethernet_header": without_ethernet_header,
}


def summary(seen: Observation) -> Numbers:
    """What `lab run` shows as really sent."""
    return as_report({unit: sent(seen, unit) for unit in ("packets", "bytes")})
