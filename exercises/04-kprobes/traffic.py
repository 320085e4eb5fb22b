"""Exercise 4: what is sent, what the recorder must note of it, and whether a run can be used."""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Iterable, Mapping

from grader.exercise import HostCpus, Recorder
from grader.judging.evidence import plateaus_filled, requests_read
from grader.observation import Observation, RecordedCall
from grader.traffic import LedgerEntry, Step, TrafficPlan
from grader.truth.calls import calls, ledger
from grader.truth.connections import Connection, connections, undisturbed
from grader.truth.durations import Planted, Plateau

SYSCALLS = ("readv", "writev", "recvfrom", "sendto", "epoll_wait")
SHORT = SYSCALLS[:-1]
"""Those that never wait here: no call of theirs lies at the edge of the window."""
RECORDER = Recorder(syscalls=SYSCALLS, whole_host=True)

PLANTED_MS = (10, 22, 48, 105)
"""At least 2x apart, so that a wrong unit, a mean or a mixed-up start differ by factors."""
PATIENT_REQUESTS = (61, 67, 73, 79)
"""On each patient connection; all are sent at a time. A request plants two waits: the gap before it and the
model's sleep; at least 138 of each length in all. Primes, all different, and more than on any other
connection: the number tells the recorder's connections apart."""
BETWEEN_MS = (7, 19, 41, 90, 240)
"""Edges of the plateaus. A gap may look a little shorter from the server's side, and everything looks longer
on an emulated machine: by up to 9 ms, and by more when it is busy."""
LEAST = 60
"""Of the 138 planted of each length: a busy emulated machine makes a third of the shortest longer. The
rule allows 2 bad ones of so many, and a tracer with a mistake has all of them bad."""
PLATEAUS = tuple(
    Plateau(f"about {planted} ms", low * 1_000_000, high * 1_000_000, LEAST)
    for planted, low, high in zip(PLANTED_MS, BETWEEN_MS[:-1], BETWEEN_MS[1:], strict=True)
)
WHO_WAITED = (("gap_ms", "the client waited"), ("sleep_ms", "the model slept"))
QUICK = (11, 13, 17, 19, 23, 29)
DRIVER_CALLS = (307, 311, 313, 317, 331, 337)
FAILING_CALLS = (13, 17, 19, 23, 29, 31)
QUICK_CONNECTIONS = 2
CONNECTIONS = 1 + QUICK_CONNECTIONS + len(PATIENT_REQUESTS)
"""Of the container's server: the canary's, the quick and the patient ones."""
MOST_PARKED = 100
"""With these and the server's own idle threads in epoll_wait, maxactive=128 is still enough."""


def plan(rng: random.Random, cpus: HostCpus) -> TrafficPlan:
    """Threads that wait for the whole run, some quick connections, then one patient one.

    The parked threads use up the return probes of a tracer without maxactive: the default is
    max(10, 2 x CPUs) for the whole machine.
    """
    parked = min(MOST_PARKED, max(10, 2 * cpus) + 8)
    quick = Step("http", {"who": "target", "lanes": [quick_lane(rng) for _ in range(QUICK_CONNECTIONS)]})
    decoy = Step("http", {"who": "decoy", "lanes": [quick_lane(rng) for _ in range(2)]})
    lanes = [patient_lane(rng, number) for number in rng.sample(PATIENT_REQUESTS, len(PATIENT_REQUESTS))]
    patient = Step("http", {"who": "target", "lanes": lanes, "own_threads": True})
    return TrafficPlan(
        canary=Step("http", {"who": "target", "lanes": [[{"gap_ms": 0, "sleep_ms": 2}]]}),
        phases=(
            (Step("park_threads", {"threads": parked}),),
            (quick, decoy, Step("target_calls", {"calls": driver_calls(rng)})),
            (patient, decoy),
            (Step("unpark_threads"),),
        ),
    )


def quick_lane(rng: random.Random) -> list[dict[str, int]]:
    """One connection with a prime number of requests, none of them waiting long."""
    return [{"gap_ms": rng.randint(0, 4), "sleep_ms": rng.randint(1, 4)} for _ in range(rng.choice(QUICK))]


def patient_lane(rng: random.Random, requests: int) -> list[dict[str, int]]:
    """One connection whose waits have planted lengths, shuffled; the longest ones come late."""
    each = 2 * requests // len(PLANTED_MS)
    waits = [length for length in PLANTED_MS for _ in range(each)]
    waits += rng.sample(PLANTED_MS, 2 * requests - len(waits))
    rng.shuffle(waits)
    slow = PLANTED_MS[-1]
    early = [wait for wait in waits if wait != slow][: requests // 2]
    late = waits.copy()
    for wait in early:
        late.remove(wait)
    rng.shuffle(late)
    ordered = early + late
    return [
        {"gap_ms": gap, "sleep_ms": sleep} for gap, sleep in zip(ordered[0::2], ordered[1::2], strict=True)
    ]


def driver_calls(rng: random.Random) -> dict[str, int]:
    """What a helper in a group below the container's does: prime numbers, some without data.

    Two calls that were taken for each other must show in `calls` in every run.
    """
    numbers = drawn_calls(rng)
    while len(set(totals(numbers))) < len(SHORT):
        numbers = drawn_calls(rng)
    return numbers


def totals(numbers: Mapping[str, int]) -> list[int]:
    """How often the helper and the server together call each of SHORT, but for what all four have alike.

    The server ends each connection with one `readv` more; it wakes a thread as often as it reads.
    """
    both = {name: numbers[name] + numbers[f"{name}_failing"] for name in SHORT}
    return [*(both | {"writev": both["writev"] - CONNECTIONS}).values()]


def drawn_calls(rng: random.Random) -> dict[str, int]:
    """One draw of the helper's numbers."""
    numbers = dict(zip(SYSCALLS, rng.sample(DRIVER_CALLS, len(SYSCALLS)), strict=True))
    failing = [f"{name}_failing" for name in SHORT] + ["epoll_wait_empty"]
    return numbers | dict(zip(failing, rng.sample(FAILING_CALLS, len(failing)), strict=True))


# --- may this run be used? ---


def server_calls(seen: Observation, *syscalls: str) -> list[RecordedCall]:
    """What the container's server itself called, by the order of entry."""
    pid = seen.target.main_pid if seen.target else -1
    return [call for call in calls(seen, *syscalls).inside if call.pid == pid]


def patient_connections(seen: Observation) -> dict[int, Connection]:
    """Number of requests -> the patient connection of so many, as far as one thread read it and no other."""
    found = undisturbed(connections(server_calls(seen, "readv")))
    return {len(one.requests): one for one in found if len(one.requests) in PATIENT_REQUESTS}


def threads_apart(seen: Observation) -> str | None:
    """Each patient connection has a thread of the server to itself: the waits between are its own."""
    alone = len(patient_connections(seen))
    if alone < len(PATIENT_REQUESTS):
        return f"only {alone} of {len(PATIENT_REQUESTS)} patient connections had a thread to themselves"
    return None


EVIDENCE = (
    requests_read("http", "readv"),
    threads_apart,
    plateaus_filled("epoll_wait", plateaus=PLATEAUS),
)

# --- what was planted, beside what was recorded ---


def planted_durations(seen: Observation) -> list[Planted]:
    """The patient connections' gaps and sleeps, request by request.

    One thread of the server serves each: it waits for a request, reads it, and waits for the model.
    """
    sent = ledger(seen, "http", seen.target.name, ok=True) if seen.target else []
    read = [call for call in server_calls(seen, "readv") if call.ret > 0]
    if len(read) != len(sent):
        return []
    lanes = patient_lanes(sent)
    waits: dict[int, list[RecordedCall]] = {}
    for wait in server_calls(seen, "epoll_wait"):
        waits.setdefault(wait.tid, []).append(wait)
    found = []
    for length, connection in patient_connections(seen).items():
        for unit, call in zip(lanes.get(length, ()), connection.requests, strict=False):
            found += planted_around(unit, call, waits.get(call.tid, []))
    return found


def patient_lanes(sent: Iterable[LedgerEntry]) -> dict[int, list[LedgerEntry]]:
    """Number of requests -> the patient lane of so many, which all are sent last."""
    lanes: dict[int, list[LedgerEntry]] = {}
    for unit in sorted(sent, key=lambda one: one.started_ns)[-sum(PATIENT_REQUESTS) :]:
        lanes.setdefault(unit.detail["lane"], []).append(unit)
    return {len(lane): lane for lane in lanes.values()}


def planted_around(unit: LedgerEntry, read: RecordedCall, waits: list[RecordedCall]) -> list[Planted]:
    """The wait before a request was read, and the one after it, of the same thread."""
    at = bisect_left(waits, read.entry_ns, key=lambda wait: wait.entry_ns)
    around = waits[at - 1 : at + 1] if at else []
    planted = [
        (wait, round(unit.detail[length] * 1e6), how)
        for (length, how), wait in zip(WHO_WAITED, around, strict=False)
    ]
    # A wait that something else cut short stands for less than was planted.
    return [
        Planted(wait.tid, wait.entry_ns, planted_ns, how)
        for wait, planted_ns, how in planted
        if 2 * wait.duration_ns > planted_ns
    ]
