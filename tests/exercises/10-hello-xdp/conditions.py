"""Exercise 10: frames as they are planned with several seeds and numbers of CPUs."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable
from functools import cache

from grader.observation import Attachment, KernelFacts, LinkFacts, MapFacts, Observation, ProgramFacts
from grader.onhost.network.frames import kind_of
from tests.exercises.condition import Condition, Stated, Tracer, printing
from tests.exercises.simulated import exercise, observation

from .frames import SLUG, Frames, count, hear, right, send

Name = Callable[[bytes], str]


@cache
def sent(seed: int, cpus: int) -> tuple[Observation, Frames]:
    """A run without a tracer's report, and its frames."""
    plan = exercise(SLUG).plan(random.Random(seed), cpus)
    made = [send(step) for step in (plan.canary, *(step for phase in plan.phases for step in phase))]
    frames = [frame for _, some in made for frame in some]
    kernel = KernelFacts(
        programs=(ProgramFacts(9, "count_packets", "xdp", len(frames), 1, 0, (4,)),),
        attachments=(Attachment(9, "xdp", "lab0"),),
        maps=(MapFacts(4, "totals", "percpu_array", 6),),
        link=LinkFacts("lab0", True, 0, len(frames), hear(frames)),
    )
    seen = observation(SLUG, seed * 10 + cpus, (), [line for line, _ in made], 5_000_000_000)
    return dataclasses.replace(seen, kernel=kernel), frames


def named(name: Name = right, size: Callable[[bytes], int] = len) -> Tracer:
    """A tracer that takes each frame for this, and for so long."""

    def printed(seen: Observation) -> Observation:
        return printing(count(sent(*divmod(seen.seed, 10))[1], name, size), seen)

    return printed


def tagged(frame: bytes) -> bool:
    """Whether it has a VLAN tag."""
    return frame[12:14] == b"\x81\x00"


def start(frame: bytes) -> int:
    """Where its second header begins."""
    return 18 if tagged(frame) else 14


def is_ipv4(frame: bytes) -> bool:
    """Whether it is a whole one."""
    return "ipv4" in kind_of(frame)


def other_if(wrong: Callable[[bytes], bool]) -> Tracer:
    """A tracer that takes these for `other`."""
    return named(lambda frame: "other" if wrong(frame) else right(frame))


def instead(kind: Callable[[bytes], bool], name: str) -> Tracer:
    """A tracer that takes these for `name`."""
    return named(lambda frame: name if kind(frame) else right(frame))


def header_length(frame: bytes) -> int:
    """Of an IPv4 packet, in bytes."""
    return 4 * (frame[start(frame)] & 15)


def fragment(frame: bytes) -> int:
    """The flag for more, and the offset."""
    return int.from_bytes(frame[start(frame) + 6 : start(frame) + 8], "big") & 0x3FFF


def next_header(frame: bytes) -> int:
    """What an IPv6 header says that follows; -1 where it ends before."""
    return frame[start(frame) + 6] if len(frame) > start(frame) + 6 else -1


def over_ipv6(frame: bytes) -> str:
    """TCP and UDP over IPv6 count as themselves."""
    return {6: "tcp", 17: "udp"}.get(next_header(frame), "ipv6") if right(frame) == "ipv6" else right(frame)


def ip_length(frame: bytes) -> int:
    """The length that the IPv4 header tells, and the Ethernet header's."""
    told = int.from_bytes(frame[start(frame) + 2 : start(frame) + 4], "big")
    return start(frame) + told if is_ipv4(frame) else len(frame)


STATED = Stated(
    SLUG,
    {
        f"seed {seed}, {cpus} CPUs": lambda seed=seed, cpus=cpus: sent(seed, cpus)[0]  # type: ignore[misc]
        for seed in range(3)
        for cpus in (1, 2)
    },
    named(),
    (
        Condition(
            "IPv4 whose header says so, whatever follows: pieces of a packet (*fragments*) too",
            {
                "fragments are other": other_if(lambda frame: is_ipv4(frame) and bool(fragment(frame))),
                "later fragments are other": other_if(
                    lambda frame: is_ipv4(frame) and bool(fragment(frame) & 0x1FFF)
                ),
                "first fragments are other": other_if(
                    lambda frame: is_ipv4(frame) and fragment(frame) == 0x2000
                ),
                "options are other": other_if(lambda frame: is_ipv4(frame) and header_length(frame) != 20),
                "a whole header must follow": other_if(
                    lambda frame: (
                        is_ipv4(frame)
                        and len(frame)
                        < start(frame) + header_length(frame) + {"tcp": 20, "udp": 8}.get(right(frame), 0)
                    )
                ),
            },
        ),
        Condition(
            "by the EtherType alone",
            {
                "ARP must be whole": other_if(lambda frame: right(frame) == "arp" and len(frame) < 42),
                "ARP must be a request": other_if(
                    lambda frame: (
                        right(frame) == "arp" and frame[start(frame) + 6 : start(frame) + 8] != b"\0\1"
                    )
                ),
                "an IPv6 header must be whole": other_if(
                    lambda frame: right(frame) == "ipv6" and len(frame) < start(frame) + 40
                ),
                "TCP and UDP over IPv6 are themselves": named(over_ipv6),
                "bytes the wrong way round": instead(lambda frame: frame[12:14] == b"\x06\x08", "arp"),
            },
        ),
        Condition(
            "everything else: other EtherTypes, other protocols in IPv4, and packets that end within a header"
            " that you need",
            {
                "other protocols are TCP": instead(
                    lambda frame: is_ipv4(frame) and right(frame) == "other", "tcp"
                ),
                "a begun header will do": instead(
                    lambda frame: kind_of(frame) == "short" and len(frame) >= 24, "tcp"
                ),
                "unknown ones are nothing": named(
                    lambda frame: right(frame), lambda frame: len(frame) * (right(frame) != "other")
                ),
                "other EtherTypes are IPv6": instead(lambda frame: "0x" in kind_of(frame), "ipv6"),
                "short ones are ICMP": instead(lambda frame: "short" in kind_of(frame), "icmp"),
            },
        ),
        Condition(
            "A packet with a VLAN tag counts as what it carries, and every protocol comes with a tag too.",
            {
                "tags are other": other_if(tagged),
                **{
                    f"a tag before {name} is other": other_if(
                        lambda frame, name=name: tagged(frame) and right(frame) == name  # type: ignore[misc]
                    )
                    for name in ("tcp", "udp", "icmp", "arp", "ipv6")
                },
            },
        ),
        Condition(
            "ICMP for IPv6 is `ipv6`.",
            {
                "it is icmp": instead(
                    lambda frame: right(frame) == "ipv6" and next_header(frame) == 58, "icmp"
                )
            },
        ),
        Condition(
            "the packet's whole length, from its first byte to its last: Ethernet header and tag included,"
            " and the *padding* that fills up a short packet behind its end.",
            {
                "without Ethernet header": named(size=lambda frame: len(frame) - 14),
                "without tag": named(size=lambda frame: len(frame) - 4 * tagged(frame)),
                "without both": named(size=lambda frame: len(frame) - start(frame)),
                "without padding": named(size=ip_length),
                "at least 60": named(size=lambda frame: max(60, len(frame))),
                "with a checksum": named(size=lambda frame: len(frame) + 4),
            },
        ),
    ),
)
