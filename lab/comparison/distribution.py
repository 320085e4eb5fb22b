"""Two distributions of durations over each other, as numbers that a page or a terminal can draw."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from grader.truth.durations import Pair, Plateau, PlateauResult, judge_plateaus, percentile
from lab.comparison.quantity import duration

BINS_PER_DECADE = 12
WIDTH, HEIGHT = 720.0, 200.0
SHARES = (0.5, 0.9, 0.99)


@dataclass(frozen=True)
class Percentile:
    """One percentile on both sides, of the graded durations where there are some."""

    share: float
    recorded_ns: int
    reported_ns: int | None
    """None where nothing was reported."""
    plateau: str
    """Name of the graded plateau that it lies in; empty outside of all."""

    @property
    def name(self) -> str:
        """`p99`."""
        return f"p{self.share * 100:g}"


@dataclass(frozen=True)
class Bin:
    """How many durations lie in [low_ns, high_ns)."""

    low_ns: float
    high_ns: float
    planted: int
    reported: int

    def holds(self, ns: float | None) -> bool:
        """Whether a duration belongs here."""
        return ns is not None and self.low_ns <= ns < self.high_ns


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
    percentiles: tuple[Percentile, ...] = ()
    plateaus: tuple[PlateauResult, ...] = ()
    """What decides, each judged; empty where these durations are only shown."""

    @property
    def tallest(self) -> int:
        """The fullest bin's count, at least 1."""
        return max(1, *self.planted, *self.reported)

    def filled_bins(self) -> list[Bin]:
        """Several neighbours as one, more of them where nothing decides; without those that are empty on both
        sides.
        """
        merged = 3 if self.plateaus else 6
        first = round(math.log10(self.edges_ns[0]) * BINS_PER_DECADE)
        found: dict[int, tuple[int, int]] = {}
        for index, (planted, reported) in enumerate(zip(self.planted, self.reported, strict=True)):
            before = found.get((first + index) // merged, (0, 0))
            found[(first + index) // merged] = (before[0] + planted, before[1] + reported)
        return [
            Bin(_edge(place * merged), _edge((place + 1) * merged), planted, reported)
            for place, (planted, reported) in found.items()
            if planted or reported
        ]


def distribution(name: str, pairs: Sequence[Pair], plateaus: Sequence[Plateau] = ()) -> Distribution:
    """Count both sides into common bins, a fixed number for each factor of ten."""
    planted = [pair.planted_ns for pair in pairs]
    reported = [pair.reported_ns for pair in pairs if pair.reported_ns is not None]
    places = [_place(value) for value in (*planted, *reported)] or [0]
    first, count = min(places), max(places) - min(places) + 1
    # An absurd report must not make an absurd page.
    count = min(count, 20 * BINS_PER_DECADE)
    edges = tuple(_edge(first + index) for index in range(count + 1))
    return Distribution(
        name,
        edges,
        _binned(planted, first, count),
        _binned(reported, first, count),
        len(pairs) - len(reported),
        percentiles(pairs, plateaus),
        tuple(judge_plateaus(pairs, plateaus)),
    )


def percentiles(pairs: Sequence[Pair], plateaus: Sequence[Plateau]) -> tuple[Percentile, ...]:
    """Of the durations in plateaus, or of all where none is graded."""
    known = [pair for pair in pairs if not plateaus or any(one.holds(pair.planted_ns) for one in plateaus)]
    recorded = sorted(pair.planted_ns for pair in known)
    reported = sorted(pair.reported_ns for pair in known if pair.reported_ns is not None)
    found = []
    for share in SHARES if recorded else ():
        right_ns = percentile(recorded, share)
        plateau = next((one.name for one in plateaus if one.holds(right_ns)), "")
        told_ns = percentile(reported, share) if reported else None
        found.append(Percentile(share, right_ns, told_ns, plateau))
    return tuple(found)


def _edge(place: int) -> float:
    return float(10 ** (place / BINS_PER_DECADE))


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
        (across(edges_ns, 10**power), duration(10**power))
        for power in range(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1)
    ]


def across(edges_ns: Sequence[float], ns: float) -> float:
    """Where on the width a duration lies; at an end when it is outside."""
    low, high = math.log10(edges_ns[0]), math.log10(edges_ns[-1])
    return WIDTH * min(1.0, max(0.0, (math.log10(max(ns, 1)) - low) / (high - low)))
