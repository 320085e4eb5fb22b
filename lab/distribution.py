"""Two latency distributions over each other, as numbers that a page or a terminal can draw."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from grader.durations import Pair

BINS_PER_DECADE = 12
WIDTH, HEIGHT = 720.0, 200.0


@dataclass(frozen=True)
class Distribution:
    """One system call's durations: the recorder's and the tracer's, in the same logarithmic bins."""

    name: str
    edges_ns: tuple[float, ...]
    """n + 1 edges of n bins."""
    planted: tuple[int, ...]
    reported: tuple[int, ...]
    missing: int
    """Recorded calls the tracer said nothing about."""

    @property
    def tallest(self) -> int:
        """The fullest bin's count, at least 1."""
        return max(1, *self.planted, *self.reported)


def distribution(name: str, pairs: Sequence[Pair]) -> Distribution:
    """Count both sides into common bins, a fixed number for each factor of ten."""
    planted = [pair.planted_ns for pair in pairs]
    reported = [pair.reported_ns for pair in pairs if pair.reported_ns is not None]
    places = [_place(value) for value in (*planted, *reported)] or [0]
    first, count = min(places), max(places) - min(places) + 1
    # An absurd report must not make an absurd page.
    count = min(count, 20 * BINS_PER_DECADE)
    edges = tuple(10 ** ((first + index) / BINS_PER_DECADE) for index in range(count + 1))
    return Distribution(
        name,
        edges,
        _binned(planted, first, count),
        _binned(reported, first, count),
        len(pairs) - len(reported),
    )


def _place(value_ns: float) -> int:
    return math.floor(math.log10(max(value_ns, 1)) * BINS_PER_DECADE + 1e-9)


def _binned(values: Sequence[int], first: int, count: int) -> tuple[int, ...]:
    bins = [0] * count
    for value in values:
        bins[min(max(_place(value) - first, 0), count - 1)] += 1
    return tuple(bins)


def outline(counts: Sequence[int], tallest: int) -> str:
    """The bins as an SVG path: a stair over the width, heights by square root so that rare bins show."""
    step = WIDTH / max(1, len(counts))
    path = [f"M0,{HEIGHT:.1f}"]
    for index, count in enumerate(counts):
        top = HEIGHT - HEIGHT * math.sqrt(count / tallest)
        path.append(f"L{index * step:.1f},{top:.1f} L{(index + 1) * step:.1f},{top:.1f}")
    return " ".join([*path, f"L{WIDTH:.1f},{HEIGHT:.1f}"])


def ticks(edges_ns: Sequence[float]) -> list[tuple[float, str]]:
    """Where on the width a factor of ten begins, and how it is called."""
    low, high = math.log10(edges_ns[0]), math.log10(edges_ns[-1])
    return [
        (WIDTH * (power - low) / (high - low), duration(10**power))
        for power in range(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1)
    ]


def sparkline(counts: Sequence[int], tallest: int) -> str:
    """One line of text for a terminal."""
    blocks = " ▁▂▃▄▅▆▇█"
    return "".join(blocks[math.ceil(math.sqrt(count / tallest) * (len(blocks) - 1))] for count in counts)


def duration(ns: float | None) -> str:
    """A duration as a person reads it: `25.1 ms`; `not reported` for None."""
    if ns is None:
        return "not reported"
    for unit, factor in (("s", 1e9), ("ms", 1e6), ("us", 1e3)):
        if abs(ns) >= factor:
            return f"{ns / factor:.3g} {unit}"
    return f"{ns:.0f} ns"
