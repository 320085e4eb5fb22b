"""Exercise 10: each mistake is named by its check, and only what is right passes. No lab host needed."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable
from typing import Any

import pytest

from grader.judge import judge
from grader.observation import (
    Attachment,
    KernelFacts,
    LinkFacts,
    MapFacts,
    Observation,
    ProgramFacts,
    Report,
)
from grader.onhost.network.frames import kind_of
from grader.verdict import Outcome, Verdict
from tests.exercises.simulated import POINTS_SOMEWHERE, entry, exercise, observation

from .frames import SLUG, Frames, count, hear, right, send


def sent_run(seed: int, cpus: int) -> Observation:
    """What was planned with this seed was sent, in sizes that nobody looks at."""
    plan = exercise(SLUG).plan(random.Random(seed), cpus)
    ledger = []
    for step in (plan.canary, *(step for phase in plan.phases for step in phase)):
        rng = random.Random(step.params["seed"])
        sent = {
            kind: {"packets": number, "bytes": number * rng.randint(60, 1514)}
            for kind, number in step.params["frames"].items()
        }
        ledger.append(entry("raw_packets", "lab0", {**step.params, "sent": sent}))
    return observation(SLUG, seed, (), ledger, 5_000_000_000)


def run() -> tuple[Observation, Frames]:
    """A run with everything but a tracer's report and programs."""
    plan = exercise(SLUG).plan(random.Random(17), 2)
    sent = [send(step) for step in (plan.canary, *(step for phase in plan.phases for step in phase))]
    frames = [frame for _, some in sent for frame in some]
    return observation(SLUG, 17, (), [line for line, _ in sent], 5_000_000_000), frames


RUN, FRAMES = run()


def report(
    name: Callable[[bytes], str] = right, size: Callable[[bytes], int] = len, frames: Frames = FRAMES
) -> dict[str, dict[str, int]]:
    """What a tracer prints that takes each frame for this."""
    return count(frames, name, size)


def kernel(arrived: Frames = FRAMES, **changes: Any) -> KernelFacts:
    """One XDP program with one map, and the interface as the lab saw it."""
    facts = KernelFacts(
        programs=(ProgramFacts(9, "count_packets", "xdp", len(FRAMES), 1, 0, (4,)),),
        attachments=(Attachment(9, "xdp", "lab0"),),
        maps=(MapFacts(4, "totals", "percpu_array", 6),),
        link=LinkFacts("lab0", True, 0, len(FRAMES), hear(arrived)),
    )
    return dataclasses.replace(facts, **changes)


def verdict(document: dict[str, Any], facts: KernelFacts | None = None) -> Verdict:
    """What the exercise says to it."""
    seen = dataclasses.replace(RUN, report=Report(document, bytes=9), kernel=facts or kernel())
    return judge(exercise(SLUG), seen)


def first_failure(document: dict[str, Any], facts: KernelFacts | None = None) -> tuple[str, str]:
    """(check, cause) of the first check that failed."""
    told = verdict(document, facts)
    assert told.outcome is Outcome.FAIL, told
    return next((one.name, one.cause) for one in told.checks if one.outcome is Outcome.FAIL)


def test_the_right_numbers_pass() -> None:
    told = verdict(report())
    assert told.outcome is Outcome.PASS, [one for one in told.checks if one.outcome is not Outcome.PASS]


def unswapped(frame: bytes) -> str:
    return "arp" if frame[12:14] == b"\x06\x08" else "other"


def first_header_only(frame: bytes) -> str:
    return "other" if kind_of(frame).startswith("vlan ") else right(frame)


def any_ipv4(frame: bytes) -> str:
    """Takes what stands 14 bytes on for an IPv4 header, whatever it is."""
    return {6: "tcp", 17: "udp", 1: "icmp"}.get(frame[23], "other") if len(frame) >= 34 else "other"


def tagged(frame: bytes) -> bool:
    return frame[12:14] == b"\x81\x00"


def known_behind_a_tag(*names: str) -> Callable[[bytes], str]:
    """Takes what is behind a tag for these, or `other`."""
    return lambda frame: "other" if tagged(frame) and right(frame) not in names else right(frame)


def next_stays_behind_the_ethernet_header(frame: bytes) -> str:
    if tagged(frame) and right(frame) in ("tcp", "udp", "icmp"):
        return {6: "tcp", 17: "udp", 1: "icmp"}.get(frame[23], "other")
    return right(frame)


def asks_for(**sizes: int) -> Callable[[bytes], str]:
    """Wants so many bytes behind the Ethernet header."""
    return lambda frame: "other" if len(frame) - 14 < sizes.get(right(frame), 0) else right(frame)


def icmp_of_both(frame: bytes) -> str:
    return "icmp" if right(frame) == "ipv6" and frame[20:21] == b"\x3a" else right(frame)


def no_fragments(frame: bytes) -> str:
    """The flag for more and the offset must be 0."""
    fragment = right(frame) in ("tcp", "udp") and not tagged(frame) and (frame[20] & 0x3F or frame[21])
    return "other" if fragment else right(frame)


def with_next_header(frame: bytes) -> str:
    start = 18 if kind_of(frame).startswith("vlan ") else 14
    needed = {"tcp": 20, "udp": 8}.get(right(frame), 0)
    return "other" if needed and len(frame) < start + 4 * (frame[start] & 15) + needed else right(frame)


def up_to_the_protocol(frame: bytes) -> str:
    began = kind_of(frame) == "short" and frame[12:14] == b"\x08\x00" and len(frame) >= 24
    return "tcp" if began else right(frame)


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        (unswapped, "byte_order"),
        (first_header_only, "vlan_as_other"),
        (known_behind_a_tag("tcp", "udp", "icmp"), "vlan_ipv4_only"),
        (known_behind_a_tag("tcp", "udp", "icmp", "arp"), "vlan_ipv6_as_other"),
        (known_behind_a_tag("tcp", "udp", "arp"), "vlan_icmp_ipv6_as_other"),
        (known_behind_a_tag("tcp", "udp"), "vlan_tcp_udp_only"),
        (next_stays_behind_the_ethernet_header, "next_not_moved"),
        (any_ipv4, "no_ethertype"),
        (asks_for(ipv6=40), "ipv6_header_asked"),
        (asks_for(arp=28), "arp_header_asked"),
        (asks_for(arp=8), "arp_header_asked"),
        (asks_for(arp=28, ipv6=40), "headers_asked"),
        (asks_for(arp=20, ipv6=20), "headers_asked"),
        (icmp_of_both, "icmpv6_as_icmp"),
        (with_next_header, "fragments_left_out"),
        (no_fragments, "fragments_as_other"),
        (up_to_the_protocol, "header_not_whole"),
    ],
)
def test_a_header_read_wrongly_is_named(name: Callable[[bytes], str], cause: str) -> None:
    assert first_failure(report(name)) == ("packets_by_protocol", cause)


def ip_length(frame: bytes, before: int) -> int:
    """What the header of a whole IPv4 packet says, and the bytes before it."""
    start = 18 if tagged(frame) else 14
    if "ipv4" not in kind_of(frame):
        return len(frame)
    return before + int.from_bytes(frame[start + 2 : start + 4], "big")


@pytest.mark.parametrize(
    ("size", "cause"),
    [
        (lambda frame: len(frame) - 14, "without_ethernet_header"),
        (lambda frame: len(frame) - 4 * tagged(frame), "without_vlan_tag"),
        (lambda frame: ip_length(frame, before=18 if tagged(frame) else 14), "bytes_from_ip_length"),
        (lambda frame: ip_length(frame, before=14), "ip_length_and_14"),
    ],
)
def test_bytes_that_are_left_out_are_named(size: Callable[[bytes], int], cause: str) -> None:
    told = next(one for one in verdict(report(size=size)).checks if one.outcome is Outcome.FAIL)
    assert (told.name, told.cause) == ("bytes_by_protocol", cause)
    assert "atomic" not in told.hint


@pytest.mark.parametrize("cpus", [1, 2, 4])
def test_no_two_mistakes_print_the_same_numbers(cpus: int) -> None:
    misconceptions = exercise(SLUG).misconceptions
    for seed in range(20):
        seen = sent_run(seed, cpus)
        printed = {tuple(sorted(wrong.numbers(seen).items())) for wrong in misconceptions}
        assert len(printed) == len(misconceptions)


@pytest.mark.parametrize("cpu", [0, 1])
def test_the_numbers_of_one_cpu_are_named(cpu: int) -> None:
    document = report(frames=[one for one in FRAMES if one[0] == cpu])
    assert first_failure(document) == ("packets_by_protocol", "one_cpu")


def test_numbers_that_are_twice_too_high_are_named_without_talk_of_returns() -> None:
    document = report(frames=FRAMES * 2)
    told = next(one for one in verdict(document).checks if one.outcome is Outcome.FAIL)
    assert (told.name, told.cause) == ("packets_by_protocol", "counted_twice")
    assert "exactly twice" in told.message
    assert "return" not in told.message


def test_a_starter_that_knows_no_protocol_is_sent_to_the_place_that_names_them() -> None:
    told = next(one for one in verdict(report(lambda _: "other")).checks if one.outcome is Outcome.FAIL)
    assert "all packets are `other`" in told.hint


def test_a_hash_without_room_for_all_protocols_is_named() -> None:
    document = report()
    for table in document.values():
        table |= {"icmp": 0, "ipv6": 0}
    full = kernel(maps=(MapFacts(4, "totals", "percpu_hash", 4, 4),))
    assert first_failure(document, full) == ("packets_by_protocol", "map_full")


def test_single_packets_that_two_cpus_lost_are_named() -> None:
    document = report()
    document["packets"]["udp"] -= 2
    shared = kernel(maps=(MapFacts(4, "totals", "array", 6),))
    assert first_failure(document, shared) == ("packets_by_protocol", "lost_updates")


def test_dropped_packets_are_named() -> None:
    assert first_failure(report(), kernel(FRAMES[:50])) == ("everything_passed", "packets_dropped")


XDP = ProgramFacts(9, "count_packets", "xdp", 0, 0, 0, (4,))
TC = ProgramFacts(8, "count_later", "sched_cls", len(FRAMES), 1, 0, (4,))
FACTS = [
    ({"attachments": ()}, "xdp_on_the_interface", "nothing_attached"),
    ({"attachments": (Attachment(9, "xdp", "lo"),)}, "xdp_on_the_interface", "wrong_interface"),
    ({"attachments": (Attachment(9, "kprobe", "netif_rx"),)}, "xdp_on_the_interface", "not_xdp"),
    ({"attachments": (), "programs": (TC,)}, "xdp_on_the_interface", "not_xdp"),
    ({"attachments": (), "programs": (TC, XDP)}, "xdp_on_the_interface", "nothing_attached"),
    ({"left_behind": ("XDP program on lab0", "pin /sys/fs/bpf/x")}, "clean_exit", "left_attached"),
    ({"left_behind": ("pin /sys/fs/bpf/x",)}, "clean_exit", "left_pinned"),
    ({"programs": (ProgramFacts(9, "x", "xdp", len(FRAMES), 1, 0),)}, "counted_in_the_kernel", "no_map"),
    ({"programs": (ProgramFacts(9, "x", "xdp", 3, 1, 0, (4,)),)}, "ran", "missed_calls"),
    ({"link": LinkFacts("lab0", False, 0, 7)}, "interface_left_alone", "interference"),
    ({"link": LinkFacts("lab0", True, 9, 7)}, "interface_left_alone", "interference"),
]


@pytest.mark.parametrize(("changes", "check", "cause"), FACTS)
def test_what_the_kernel_says_decides(changes: dict[str, Any], check: str, cause: str) -> None:
    assert first_failure(report(), kernel(**changes)) == (check, cause)


def test_a_tc_program_is_called_one() -> None:
    told = verdict(report(), kernel(attachments=(), programs=(TC,)))
    message = next(one.message for one in told.checks if one.outcome is Outcome.FAIL)
    assert message == "lab0 has no XDP program; yours: TC program count_later"


@pytest.mark.parametrize(
    "changes",
    [
        {"link": LinkFacts("lab0", True, 0, len(FRAMES) - 1)},
        {"link": dataclasses.replace(kernel().link or LinkFacts("", True, 0, 0), lost=1)},
        {
            "link": dataclasses.replace(
                kernel([(0, FRAMES[0][1])] * len(FRAMES)).link or LinkFacts("", True, 0, 0)
            )
        },
    ],
    ids=["statistics differ", "listener lost some", "listener read other frames"],
)
def test_a_run_whose_sources_disagree_is_no_evidence(changes: dict[str, Any]) -> None:
    assert verdict(report(), kernel(**changes)).outcome is Outcome.ERROR


@pytest.mark.parametrize("document", [{}, {"packets": {}}, {"packets": report()["packets"]}])
def test_a_report_that_lacks_something_is_named(document: dict[str, Any]) -> None:
    assert first_failure(document) == ("report_readable", "report_field")


@pytest.mark.parametrize(("changes", "check", "cause"), FACTS)
def test_every_hint_says_where_to_look(changes: dict[str, Any], check: str, cause: str) -> None:
    told = next(one for one in verdict(report(), kernel(**changes)).checks if one.outcome is Outcome.FAIL)
    assert POINTS_SOMEWHERE.search(told.hint), told.hint
