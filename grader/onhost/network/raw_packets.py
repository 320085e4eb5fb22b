"""Sends raw frames to the tracers' interfaces: each frame to all of them."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Collection, Mapping
from typing import Any

from .frames import KINDS, LONGEST
from .link import TracerLink

BURST = 32
"""A veth end holds 256 frames that its program has not seen yet; more would be lost."""


def send(links: Collection[TracerLink], params: Mapping[str, Any]) -> dict[str, Any]:
    """{frames: kind -> number, seed, cpu} -> {sent: kind -> {packets, bytes}}.

    The kinds are mixed and the sizes drawn by `seed`. The kernel runs an XDP program on the CPU that sends,
    so `cpu` (0 is the first that there is) says where the tracers' programs will run.
    """
    if not links:
        raise ValueError("no tracer has a network")
    rng = random.Random(int(params.get("seed") or 0))
    order = [kind for kind, number in params["frames"].items() for _ in range(int(number))]
    rng.shuffle(order)
    cpus = sorted(os.sched_getaffinity(0))
    # Of this thread alone; it ends with the order.
    os.sched_setaffinity(0, {cpus[int(params.get("cpu") or 0) % len(cpus)]})
    sent: dict[str, dict[str, int]] = {}
    for number, kind in enumerate(order, 1):
        frame = KINDS[kind](rng, rng.randint(60, LONGEST))
        for link in links:
            link.send(frame)
        count = sent.setdefault(kind, {"packets": 0, "bytes": 0})
        count["packets"] += 1
        count["bytes"] += len(frame)
        if number % BURST == 0:
            time.sleep(0.001)
    return {"sent": sent}
