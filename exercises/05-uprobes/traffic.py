"""Exercise 5: what is sent, what the recorder must note of it, and whether a run can be used."""

from __future__ import annotations

import random

from grader.checks.reported_objects import unclear_durations
from grader.exercise import HostCpus, Recorder
from grader.judging.evidence import impossible
from grader.observation import Observation
from grader.traffic import Step, TrafficPlan
from grader.truth.calls import sent_to_target
from grader.truth.counts import Count
from grader.truth.durations import Planted, Plateau

from .streams import LAST_CALL, SYMBOLS, cancelled, latency_ns, numbers_of, streams

RECORDER = Recorder(syscalls=(), whole_host=True, functions=SYMBOLS)

LANES = 8
"""Streams at the same time, all on one connection."""
LANE_REQUESTS = (17, 19, 23)
BUSY_MS = (15, 40, 100)
"""What the model sleeps while eight streams wait for its four workers."""
CANCEL_MS = (20, 35, 50)
"""How long the client waits before it gives up a call whose model sleeps at least twice as long."""
CANCELLED = (13, 17, 19, 23)
BURST = (17, 19, 23)
BURST_CANCEL_MS = (3, 5, 8, 12, 16)
"""Calls that come all at once, and are given up before the server has begun with all of them: the streams of
those have a dozen calls more. On a slow machine some never leave the client, on a quick one the server may
have begun with all."""
PATIENT_LANES = 3
PATIENT_REQUESTS = (59, 61, 67)
PLANTED_MS = (15, 40, 100, 250)
"""At least 2x apart, so that a wrong unit, a mean or a mixed-up start differ by factors."""
BETWEEN_MS = (8, 32, 75, 190, 1200)
"""Edges of the plateaus: on an emulated machine a stream takes 5 to 20 ms longer than the model sleeps."""
LEAST = 30
PLATEAUS = tuple(
    Plateau(f"about {planted} ms", low * 1_000_000, high * 1_000_000, LEAST)
    for planted, low, high in zip(PLANTED_MS, BETWEEN_MS[:-1], BETWEEN_MS[1:], strict=True)
)
PLANTED_HOW = ((True, "sleep_ms", "the model slept"), (False, "cancel_ms", "the client cancelled"))
QUICK_REQUESTS = (11, 13, 17)

Lane = list[dict[str, int]]


def plan(rng: random.Random, cpus: HostCpus) -> TrafficPlan:
    """Eight lanes on one connection with calls that are given up, beside quick ones; a burst of calls that
    are given up early; then patient ones.

    The other server gets calls all the time: it runs the same file.
    """
    busy = balanced_lanes(rng, [rng.choice(LANE_REQUESTS) for _ in range(LANES)], BUSY_MS)
    give_up_some(rng, busy)
    patient = balanced_lanes(rng, rng.sample(PATIENT_REQUESTS, PATIENT_LANES), PLANTED_MS)
    several = Step("grpc", {"who": "target", "lanes": quick_lanes(rng, 2), "channels": 2})
    decoy = Step("grpc", {"who": "decoy", "lanes": quick_lanes(rng, 2)})
    return TrafficPlan(
        canary=Step("grpc", {"who": "target", "lanes": [[{"gap_ms": 0, "sleep_ms": 2}]]}),
        phases=(
            (several, decoy),
            (Step("grpc", {"who": "target", "lanes": busy}), decoy),
            (Step("grpc", {"who": "target", "lanes": burst(rng)}),),
            (Step("grpc", {"who": "target", "lanes": patient}),),
        ),
    )


def balanced_lanes(rng: random.Random, counts: list[int], lengths: tuple[int, ...]) -> list[Lane]:
    """So many requests in each lane, each length of sleep equally often in all of them together."""
    total = sum(counts)
    sleeps = [length for length in lengths for _ in range(total // len(lengths))]
    sleeps += rng.sample(lengths, total - len(sleeps))
    rng.shuffle(sleeps)
    requests = [{"gap_ms": rng.randint(0, 8), "sleep_ms": sleep} for sleep in sleeps]
    return [requests[sum(counts[:index]) :][:count] for index, count in enumerate(counts)]


def give_up_some(rng: random.Random, lanes: list[Lane]) -> None:
    """A prime number of the longest calls are given up by the client."""
    longest = [one for lane in lanes for one in lane if one["sleep_ms"] >= 2 * CANCEL_MS[-1]]
    for one in rng.sample(longest, rng.choice(CANCELLED)):
        one["cancel_ms"] = rng.choice(CANCEL_MS)


def burst(rng: random.Random) -> list[Lane]:
    """A prime number of calls at once, all given up early."""
    return [
        [{"gap_ms": 0, "sleep_ms": BUSY_MS[-1], "cancel_ms": rng.choice(BURST_CANCEL_MS)}]
        for _ in range(rng.choice(BURST))
    ]


def quick_lanes(rng: random.Random, number: int) -> list[Lane]:
    """A prime number of short requests each."""
    return [
        [
            {"gap_ms": rng.randint(0, 9), "sleep_ms": rng.randint(1, 9)}
            for _ in range(rng.choice(QUICK_REQUESTS))
        ]
        for _ in range(number)
    ]


# --- may this run be used? ---


def recorder_and_ledger_agree(seen: Observation) -> str | None:
    """Every call that was answered is a complete stream, and there are no more streams than calls."""
    sent = sent_to_target(seen, "grpc", ok=True)
    answered = [unit.detail for unit in sent if unit.detail["status"] == "OK"]
    waits_ms = [unit.detail["cancel_ms"] for unit in sent if unit.detail["status"] != "OK"]
    found = numbers_of(streams(seen))
    # A call may be given up before it has left a busy client; most of the burst may be.
    if not Count(len(answered), len(waits_ms)).admits(found["streams"].inside):
        return f"{len(sent)} calls were sent, and the recorder saw {found['streams']} streams"
    late = sum(wait_ms >= CANCEL_MS[0] for wait_ms in waits_ms)
    if found["completed"].inside < len(answered) or 2 * found["cancelled"].inside < late:
        said = f"{found['completed']} completed and {found['cancelled']} given up"
        return (
            f"{len(answered)} calls were answered and {len(waits_ms)} given up, and the recorder saw {said}"
        )
    whole = [one for one in streams(seen).inside if len(one.calls) == LAST_CALL]
    slept = [round(float(one["sleep_ms"]) * 1e6) for one in answered]
    return impossible(slept, map(latency_ns, whole), [int(one["latency_ns"]) for one in answered])


def plateaus_are_filled(seen: Observation) -> str | None:
    """Three of the plateaus hold enough streams."""
    lasted = [latency_ns(one) for one in streams(seen).inside]
    held = {one.name: sum(map(one.holds, lasted)) for one in PLATEAUS}
    filled = [name for name, number in held.items() if number >= LEAST]
    if len(filled) < len(PLATEAUS) - 1:
        said = ", ".join(f"{number} of {name}" for name, number in held.items())
        return f"too few planted latencies happened: {said} (at least {LEAST} each)"
    return None


def recorders_are_clear(seen: Observation) -> str | None:
    """The recorders tell most latencies well enough to grade by."""
    return unclear_durations(seen, streams, LAST_CALL, PLATEAUS)


EVIDENCE = (recorder_and_ledger_agree, plateaus_are_filled, recorders_are_clear)

# --- what was planted, beside what was recorded ---


def planted_durations(seen: Observation) -> list[Planted]:
    """The ledger's calls and the recorder's streams, both in the order in which they began: those that were
    answered, and those that were given up.

    Calls of several lanes overtake each other on their way: two that cannot belong together are left out. So
    are all that were given up when one of them never reached the server.
    """
    sent = sorted(sent_to_target(seen, "grpc", ok=True), key=lambda unit: unit.started_ns)
    lives = streams(seen).inside
    found = []
    for answered, length, how in PLANTED_HOW:
        units = [unit for unit in sent if (unit.detail["status"] == "OK") == answered]
        mine = [one for one in lives if cancelled(one) != answered]
        for unit, stream in zip(units, mine, strict=True) if len(units) == len(mine) else ():
            least_ns = round(unit.detail[length] * 1e6)
            if not answered or least_ns <= latency_ns(stream) <= unit.detail["latency_ns"]:
                found.append(Planted(stream.made.tid, stream.made.at_ns, least_ns, how))
    return sorted(found, key=lambda one: one.entry_ns)
