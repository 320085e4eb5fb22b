"""Frames of exercise 10 as the lab sends and hears them, and what tracers print. No lab host needed."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable, Mapping
from typing import Any

from grader.observation import FrameCount, KernelFacts, Observation, Report
from grader.onhost.frames import KINDS, kind_of
from grader.traffic import LedgerEntry, Step
from grader.truth import ledger
from tests.exercises.simulated import entry, exercise

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


def hear(frames: Frames, before: Mapping[str, FrameCount] | None = None) -> dict[str, FrameCount]:
    """What the lab's packet socket has read then."""
    found = dict(before or {})
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
    before: Mapping[str, Mapping[str, int]] | None = None,
) -> dict[str, dict[str, int]]:
    """What a tracer prints that takes each frame for this."""
    zero = {unit: dict.fromkeys(PROTOCOLS, 0) for unit in ("packets", "bytes")}
    tables = {unit: dict(table) for unit, table in (before or zero).items()}
    for _, frame in frames:
        tables["packets"][name(frame)] += 1
        tables["bytes"][name(frame)] += size(frame)
    return tables


def with_every_kind(seen: Observation) -> Observation:
    """A recorded run of the solution, and frames of the kinds that were not sent when it was recorded."""
    known = {kind for one in ledger(seen, "raw_packets") for kind in one.detail["sent"]}
    (step, *_), *_ = exercise(SLUG).plan(random.Random(17), 1).phases
    wanting = {kind: number for kind, number in step.params["frames"].items() if kind not in known}
    if not wanting:
        return seen
    line, frames = send(Step("raw_packets", {**step.params, "frames": wanting}))
    assert isinstance(seen.report, Report)
    document = count(frames, before=seen.report.document)
    return dataclasses.replace(
        seen,
        ledger=(*seen.ledger, line),
        kernel=grown(seen.kernel, frames),
        report=dataclasses.replace(seen.report, document=document),
    )


def grown(facts: KernelFacts, frames: Frames) -> KernelFacts:
    """The program ran for these too, and the interface received them."""
    assert facts.link is not None
    more: Any = {"received": facts.link.received + len(frames), "arrived": hear(frames, facts.link.arrived)}
    ran = [dataclasses.replace(one, run_count=one.run_count + len(frames)) for one in facts.programs]
    return dataclasses.replace(facts, programs=tuple(ran), link=dataclasses.replace(facts.link, **more))
