"""Events as a tracer reports them, and the objects of the traced program that they belong to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from grader.observation import Observation
from grader.truth.calls import pair_nearest
from grader.truth.durations import NOISE_FLOOR_NS, Pair, Plateau, unclear_reason
from grader.truth.lifetimes import Lifetime, Lifetimes

NEAR_NS = 100_000_000
"""How far the time of an event may be outside the recorder's two. Pairs are made nearest first, so the time
of an older object goes to the older one.
"""

NOT_FAR_NS = 100_000
"""How far outside the recorder's two a tracer's time of the making may be, for most events. In recorded runs
none is outside at all."""


@dataclass(frozen=True)
class Told:
    """One object as the tracer reported it. Times are nanoseconds of the lab host's CLOCK_MONOTONIC."""

    address: int
    ts_ns: int
    duration_ns: int


Read = Callable[[Observation], Sequence[Told]]
Truth = Callable[[Observation], Lifetimes]


@dataclass(frozen=True)
class Matched:
    """Events and objects, one to one."""

    pairs: list[tuple[Told, Lifetime]]
    without_event: list[Lifetime]
    surplus: list[Told]


def match(events: Sequence[Told], objects: Sequence[Lifetime]) -> Matched:
    """Each event with the object of its address that was made nearest to the time it says."""
    mine: dict[int, list[Told]] = defaultdict(list)
    lives: dict[int, list[Lifetime]] = defaultdict(list)
    for event in sorted(events, key=lambda one: one.ts_ns):
        mine[event.address].append(event)
    for one in objects:
        lives[one.address].append(one)
    matched = Matched([], [], [])
    for address in {**lives, **mine}:
        told, true = mine.get(address, []), lives.get(address, [])
        said_ns = [recorded_ns(one.ts_ns, true) for one in told]
        chosen = pair_nearest(said_ns, [one.made.at_ns for one in true], NEAR_NS)
        matched.pairs.extend((told[a], true[b]) for a, b in chosen)
        used, seen = {a for a, _ in chosen}, {b for _, b in chosen}
        matched.surplus.extend(one for index, one in enumerate(told) if index not in used)
        matched.without_event.extend(one for index, one in enumerate(true) if index not in seen)
    matched.pairs.sort(key=lambda pair: pair[1].made.at_ns)
    return matched


def recorded_ns(ts_ns: int, objects: Sequence[Lifetime]) -> int:
    """The recorder's time of the making that its two programs enclose this time in; else the time itself.

    A thread that lost its CPU between the programs at one place may have come back after a long time.
    """
    for one in objects:
        first_ns, last_ns = one.noted[0]
        if first_ns <= ts_ns <= last_ns:
            return one.made.at_ns
    return ts_ns


def not_when_made(events: Sequence[Told], objects: Sequence[Lifetime]) -> list[Told]:
    """Events of these objects' addresses whose time is not near the making of any of them."""
    made_ns: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for one in objects:
        made_ns[one.address].append(one.noted[0])
    return [
        event
        for event in events
        if event.address in made_ns
        and not any(
            first_ns - NOT_FAR_NS <= event.ts_ns <= last_ns + NOT_FAR_NS
            for first_ns, last_ns in made_ns[event.address]
        )
    ]


def object_pairs(seen: Observation, read: Read, truth: Truth, last_call: int) -> list[Pair]:
    """Each object of a run with what the tracer said of its duration, for who shows them."""
    matched = match(read(seen), truth(seen).inside)
    missing = [paired(one, last_call, None) for one in matched.without_event if one.until_ns(last_call)]
    return [paired(one, last_call, told) for told, one in matched.pairs] + missing


def unclear_durations(
    seen: Observation, truth: Truth, last_call: int, plateaus: Sequence[Plateau]
) -> str | None:
    """For an exercise's evidence: too many durations of a plateau that the recorders do not tell well."""
    pairs = [paired(one, last_call, None) for one in truth(seen).inside if one.until_ns(last_call)]
    for plateau in plateaus:
        reason = unclear_reason([pair for pair in pairs if plateau.holds(pair.planted_ns)], plateau)
        if reason:
            return reason
    return None


def paired(one: Lifetime, last_call: int, told: Told | None) -> Pair:
    """An object's duration to its `last_call`th call, with what the tracer said of it, if anything."""
    said = told.duration_ns if told else None
    lasted_ns = one.until_ns(last_call)
    bounds_ns = one.bounds_ns(last_call) if lasted_ns else None
    return Pair(lasted_ns, said, one.made.at_ns, one.made.tid, NOISE_FLOOR_NS, bounds_ns=bounds_ns)
