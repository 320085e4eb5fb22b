"""Exercise 10: what is sent, what the recorder must note of it, and whether a run can be used."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from grader.checks.network import frames_arrived, judged, link_of
from grader.exercise import HostCpus, Numbers, Recorder
from grader.observation import Observation
from grader.traffic import Step, TrafficPlan
from grader.truth.calls import ledger

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


# --- may this run be used? ---


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

# --- for the mistakes ---


def as_report(numbers: Mapping[str, Mapping[str, int]]) -> Numbers:
    """Keyed as in the report."""
    return {f"{unit}.{name}": number for unit, table in numbers.items() for name, number in table.items()}


def taken_for(*kinds: str, name: str) -> Callable[[Observation], Numbers]:
    """The whole report of a tracer that takes these kinds of frame for `name`, and all others for what they
    are.
    """
    return taking(dict.fromkeys(kinds, name))


def taking(wrong: Mapping[str, str]) -> Callable[[Observation], Numbers]:
    """The same with a name for each kind."""

    def numbers(seen: Observation) -> Numbers:
        def class_of(kind: str) -> str:
            return wrong.get(kind, CLASS_OF[kind])

        return as_report({unit: sent(seen, unit, class_of) for unit in ("packets", "bytes")})

    return numbers


def shorter(missing: Mapping[str, int]) -> Callable[[Observation], Numbers]:
    """The right packets, and so many bytes too few for each packet of a kind."""

    def numbers(seen: Observation) -> Numbers:
        size = sent(seen, "bytes")
        for entry in ledger(seen, "raw_packets"):
            for kind, count in entry.detail["sent"].items():
                size[CLASS_OF[kind]] -= missing.get(kind, 0) * count["packets"]
        return as_report({"packets": sent(seen, "packets"), "bytes": size})

    return numbers
