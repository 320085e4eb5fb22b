"""Frames of exercise 10 as the lab sends and hears them, and what tracers print. No lab host needed."""

from __future__ import annotations

import random
from collections.abc import Callable

from grader.observation import FrameCount
from grader.onhost.network.frames import KINDS, kind_of
from grader.traffic import LedgerEntry, Step
from tests.exercises.simulated import entry

SLUG = "10-hello-xdp"
PROTOCOLS = ("tcp", "udp", "icmp", "arp", "ipv6", "other")

Frames = list[tuple[int, bytes]]
"""The CPU that sent it, and the frame."""


def send(step: Step) -> tuple[LedgerEntry, Frames]:
    """The ledger's line of one step, and its frames."""
    rng, sent, frames = random.Random(step.params["seed"]), {}, []
    for kind, number in step.params["frames"].items():
        made = [KINDS[kind](rng, rng.randint(60, 1514)) for _ in range(number)]
        sent[kind] = {"packets": number, "bytes": sum(map(len, made))}
        frames += [(step.params["cpu"], frame) for frame in made]
    return entry("raw_packets", "lab0", {**step.params, "sent": sent}), frames


def hear(frames: Frames) -> dict[str, FrameCount]:
    """What the lab's packet socket has read then."""
    found: dict[str, FrameCount] = {}
    for _, frame in frames:
        old = found.get(kind_of(frame), FrameCount(0, 0))
        found[kind_of(frame)] = FrameCount(old.packets + 1, old.bytes + len(frame))
    return found


def right(frame: bytes) -> str:
    """What the exercise's text calls it."""
    names = {"ipv4/6": "tcp", "ipv4/17": "udp", "ipv4/1": "icmp", "arp": "arp", "ipv6": "ipv6"}
    return names.get(kind_of(frame).removeprefix("vlan "), "other")


def count(
    frames: Frames,
    name: Callable[[bytes], str] = right,
    size: Callable[[bytes], int] = len,
) -> dict[str, dict[str, int]]:
    """What a tracer prints that takes each frame for this."""
    tables = {unit: dict.fromkeys(PROTOCOLS, 0) for unit in ("packets", "bytes")}
    for _, frame in frames:
        tables["packets"][name(frame)] += 1
        tables["bytes"][name(frame)] += size(frame)
    return tables
