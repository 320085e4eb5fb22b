"""Durations, event by event: pair each reported one with the recorders', then judge each plateau.

The two recorders enclose the tracer: a kprobe and its kretprobe run inside the system-call tracepoints and
around fentry and fexit. So a right duration lies between the recorders' two, also when the thread lost its
CPU somewhere between them: such a call has a wide interval, and every other call a narrow one.

The rule: a pair is bad when the reported duration lies outside the recorders' interval by more than e + 3%,
with e = max(0.3 ms, 5 x the median of the recorders' disagreement in this run). A plateau passes with at
most 2% bad (2 are always allowed), fails with 4% or more, and is undecided between: then one more run is made
and the pooled events decide (under 3% passes). A recorded call that the tracer did not report counts as bad.
A run is useless as evidence when e is above 2.5 ms, or when more than a quarter of a plateau's intervals are
wider than that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from grader.observation import RecordedCall
from grader.truth.calls import pair_nearest

NOISE_FLOOR_NS = 300_000
NOISE_FACTOR = 5
NOISE_LIMIT_NS = 2_500_000
UNCLEAR_SHARE = 0.25
RELATIVE = 0.03
PASS_SHARE = 0.02
FAIL_SHARE = 0.04
POOLED_SHARE = 0.03
ALWAYS_ALLOWED = 2
PAIR_GAP_NS = 250_000_000
WORST = 5


@dataclass(frozen=True)
class Event:
    """One call as the tracer reported it. Times are the lab host's CLOCK_MONOTONIC."""

    tid: int
    syscall: str
    entry_ns: int
    duration_ns: int


@dataclass(frozen=True)
class Plateau:
    """Calls whose recorded duration lies in [low_ns, high_ns): the ones the traffic planted."""

    name: str
    low_ns: int
    high_ns: int
    least: int = 125
    """Fewer recorded calls than this make the run useless as evidence."""

    def holds(self, duration_ns: int) -> bool:
        """Whether a call of this duration belongs here."""
        return self.low_ns <= duration_ns < self.high_ns


@dataclass(frozen=True)
class Planted:
    """What the traffic asked for: how long one recorded call or object was to last at least."""

    tid: int
    entry_ns: int
    """With `tid` it names the recorded one: when it began, by the lab host's CLOCK_MONOTONIC."""
    duration_ns: int
    how: str
    """In words: `the model slept`."""


@dataclass(frozen=True)
class Pair:
    """A recorded call of a plateau and what the tracer said about it."""

    planted_ns: int
    """What the first recorder measured."""
    reported_ns: int | None
    """None: the tracer did not report this call."""
    entry_ns: int
    tid: int
    slack_ns: float
    """e of the rule, in the run that this pair comes from."""
    other_ns: int | None = None
    """What the second recorder measured; None where only one is asked."""
    bounds_ns: tuple[int, int] | None = None
    """The least and the most that a tracer can have measured, where that is not simply the recorders' two."""

    @property
    def interval_ns(self) -> tuple[int, int]:
        """What a right duration lies between: the recorders' two, shorter first, unless `bounds_ns` says."""
        if self.bounds_ns is not None:
            return self.bounds_ns
        other = self.planted_ns if self.other_ns is None else self.other_ns
        return min(self.planted_ns, other), max(self.planted_ns, other)

    @property
    def unclear(self) -> bool:
        """Whether the recorders themselves disagree by so much that this call says little."""
        low, high = self.interval_ns
        return high - low > NOISE_LIMIT_NS

    @property
    def bad(self) -> bool:
        """Whether the reported duration is further off than noise explains."""
        if self.reported_ns is None:
            return True
        low, high = self.interval_ns
        least = low * (1 - RELATIVE) - self.slack_ns
        # Written so that a NaN fails.
        return not least <= self.reported_ns <= high * (1 + RELATIVE) + self.slack_ns

    @property
    def error_ns(self) -> int:
        """How far outside the recorders' interval; the whole duration when it was not reported."""
        low, high = self.interval_ns
        return max(low - (self.reported_ns or 0), (self.reported_ns or 0) - high, 0)


def unclear_reason(held: Sequence[Pair], plateau: Plateau) -> str | None:
    """Why these pairs of a plateau are no evidence: the recorders disagree about too many; None when not."""
    unclear = sum(pair.unclear for pair in held)
    if unclear > UNCLEAR_SHARE * len(held):
        return f"the recorders disagree about {unclear} of {len(held)} durations of {plateau.name}"
    return None


class Standing(StrEnum):
    """What one plateau came to."""

    PASS = "pass"
    FAIL = "fail"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class PlateauResult:
    """One plateau, judged."""

    plateau: Plateau
    pairs: tuple[Pair, ...]
    bad: int
    missing: int
    standing: Standing

    @property
    def allowed(self) -> int:
        """How many bad ones still pass."""
        return allowed(len(self.pairs))

    def worst(self, most: int = WORST) -> tuple[Pair, ...]:
        """The pairs that are furthest off, furthest first."""
        return tuple(sorted(self.pairs, key=lambda pair: -pair.error_ns)[:most])


def slack_ns(noise_ns: Iterable[int]) -> float:
    """e of the rule, from the two recorders' disagreements about single calls."""
    return max(float(NOISE_FLOOR_NS), NOISE_FACTOR * float(percentile(sorted(noise_ns), 0.5)))


def percentile(ordered: Sequence[int], share: float) -> int:
    """The smallest value that at least `share` of the sample do not exceed; 0 for an empty sample."""
    if not ordered:
        return 0
    rank = -(-len(ordered) * round(share * 1_000_000) // 1_000_000)
    return ordered[min(len(ordered), max(1, rank)) - 1]


def allowed(total: int) -> int:
    """How many bad events out of `total` still pass at once."""
    return max(ALWAYS_ALLOWED, int(PASS_SHARE * total))


def standing(bad: int, total: int) -> Standing:
    """One run's rule."""
    if bad <= allowed(total):
        return Standing.PASS
    return Standing.FAIL if bad >= FAIL_SHARE * total else Standing.UNDECIDED


def pooled_standing(bad: int, total: int) -> Standing:
    """The rule for two runs' events together: it decides."""
    return Standing.PASS if bad <= ALWAYS_ALLOWED or bad < POOLED_SHARE * total else Standing.FAIL


def pair_events(
    events: Iterable[Event],
    recorded: Sequence[RecordedCall],
    slack: float,
    other_ns: Mapping[RecordedCall, int] | None = None,
) -> list[Pair]:
    """Each recorded call with the reported event of the same thread and system call that began nearest.

    `other_ns`: the second recorder's duration of a call, where it is known.
    """
    second = other_ns or {}
    reported: dict[tuple[int, str], list[Event]] = defaultdict(list)
    for event in events:
        reported[event.tid, event.syscall].append(event)
    threads: dict[tuple[int, str], list[RecordedCall]] = defaultdict(list)
    for call in recorded:
        threads[call.tid, call.syscall].append(call)
    pairs: list[Pair] = []
    for thread, truth in threads.items():
        truth.sort(key=lambda call: call.entry_ns)
        mine = sorted(reported.get(thread, ()), key=lambda event: event.entry_ns)
        chosen = dict(
            pair_nearest([call.entry_ns for call in truth], [event.entry_ns for event in mine], PAIR_GAP_NS)
        )
        for index, call in enumerate(truth):
            said = mine[chosen[index]].duration_ns if index in chosen else None
            pairs.append(Pair(call.duration_ns, said, call.entry_ns, call.tid, slack, second.get(call)))
    pairs.sort(key=lambda pair: pair.entry_ns)
    return pairs


def judge_plateaus(
    pairs: Sequence[Pair], plateaus: Sequence[Plateau], *, pooled: bool = False
) -> list[PlateauResult]:
    """Each plateau on its own, so that a rare one that is all wrong cannot hide in the total."""
    results = []
    for plateau in plateaus:
        mine = tuple(pair for pair in pairs if plateau.holds(pair.planted_ns))
        bad = sum(pair.bad for pair in mine)
        missing = sum(pair.reported_ns is None for pair in mine)
        rule = pooled_standing if pooled else standing
        results.append(PlateauResult(plateau, mine, bad, missing, rule(bad, len(mine))))
    return results
