"""Sends raw frames to the tracers' interfaces: each frame to all of them."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Collection

from ..contract.driver_orders import FramesSent, RawPackets
from ..contract.tracer_facts import FrameCount
from .frames import KINDS, LONGEST
from .link import TracerLink

BURST = 32
"""A veth end holds 256 frames that its program has not seen yet; more would be lost."""


def send(links: Collection[TracerLink], order: RawPackets) -> FramesSent:
    """Each frame to all of them; the sizes are drawn by the order's seed."""
    if not links:
        raise ValueError("no tracer has a network")
    rng = random.Random(order.seed)
    kinds = [kind for kind, number in order.frames.items() for _ in range(number)]
    rng.shuffle(kinds)
    cpus = sorted(os.sched_getaffinity(0))
    # Of this thread alone; it ends with the order.
    os.sched_setaffinity(0, {cpus[order.cpu % len(cpus)]})
    sent: dict[str, FrameCount] = {}
    for number, kind in enumerate(kinds, 1):
        frame = KINDS[kind](rng, rng.randint(60, LONGEST))
        for link in links:
            link.send(frame)
        count = sent.get(kind, FrameCount(0, 0))
        sent[kind] = FrameCount(count.packets + 1, count.bytes + len(frame))
        if number % BURST == 0:
            time.sleep(0.001)
    return FramesSent(sent)
