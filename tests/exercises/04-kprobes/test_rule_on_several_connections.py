"""The rule for durations, simulated: exercise 4's patient connections, on a quiet and a busy machine.

`python -m tests.exercises.04-kprobes.test_rule_on_several_connections RUNS` simulates more runs than the
tests do.
"""

from __future__ import annotations

import random
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pytest

from grader.observation import RecordedCall
from grader.truth.durations import Event, Plateau, Standing, judge_plateaus, pair_events, slack_ns
from tests.exercises.simulated import MS, SERVER, exercise

FOUR = exercise("04-kprobes")
PLATEAUS: tuple[Plateau, ...] = sys.modules[FOUR.plan.__module__].PLATEAUS


@dataclass(frozen=True)
class Machine:
    """How an emulated machine disturbs waits."""

    lag_ms: float
    """What a wait lasts longer than planted, on average."""
    lost_cpu: float
    """How often a thread loses its CPU between two programs at one place."""


QUIET, BUSY = Machine(lag_ms=4, lost_cpu=0.005), Machine(lag_ms=12, lost_cpu=0.08)


@dataclass(frozen=True)
class Waits:
    """One run: each wait by the outer and the inner recorder, and as a right tracer reports it."""

    outer: list[RecordedCall]
    inner_ns: dict[RecordedCall, int]
    right: list[Event]


def run_of(seed: int, machine: Machine) -> Waits:
    """The waits of the patient connections that the exercise plans for this seed."""
    rng = random.Random(seed)
    plan = FOUR.plan(rng, 2)
    (step,) = [step for phase in plan.phases for step in phase if step.params.get("own_threads")]
    outer, inner_ns, right = [], {}, []
    for lane, requests in enumerate(step.params["lanes"]):
        tid, now_ns = SERVER + 1 + lane, 1_000 * MS
        for planted_ms in (ms for request in requests for ms in (request["gap_ms"], request["sleep_ms"])):
            real_ns = planted_ms * MS + round(rng.expovariate(1 / machine.lag_ms) * MS)
            before, after = between(rng, machine), between(rng, machine)
            inside_before, inside_after = between(rng, machine), between(rng, machine)
            starts_ns = now_ns + before
            tracer_ns = inside_before + real_ns + inside_after
            end_ns = starts_ns + tracer_ns + after
            call = RecordedCall("epoll_wait", now_ns, end_ns, 1, 9, tid, SERVER, "server", True)
            outer.append(call)
            inner_ns[call] = real_ns
            right.append(Event(tid, "epoll_wait", starts_ns, tracer_ns))
            now_ns = end_ns + rng.randint(1, 6) * MS
    return Waits(sorted(outer, key=lambda one: one.entry_ns), inner_ns, sorted(right, key=began))


def between(rng: random.Random, machine: Machine) -> int:
    """Nanoseconds between two programs at one place."""
    lost_ns = rng.randint(MS // 2, 20 * MS) if rng.random() < machine.lost_cpu else 0
    return rng.randint(500, 3_000) + lost_ns


def began(event: Event) -> int:
    return event.entry_ns


def passes(waits: Waits, events: Sequence[Event]) -> bool | None:
    """What the rule says to a tracer that reports these; None: it cannot tell from one run."""
    noise = slack_ns(call.duration_ns - inner for call, inner in waits.inner_ns.items())
    pairs = pair_events(events, waits.outer, noise, waits.inner_ns)
    standings = {one.standing for one in judge_plateaus(pairs, PLATEAUS)}
    if Standing.FAIL in standings:
        return False
    return None if Standing.UNDECIDED in standings else True


# --- tracers with a mistake ---


def biased(factor: float) -> Callable[[list[Event]], list[Event]]:
    return lambda events: [replace(one, duration_ns=round(one.duration_ns * factor)) for one in events]


def mean_of_all(events: list[Event]) -> list[Event]:
    mean_ns = sum(one.duration_ns for one in events) // len(events)
    return [replace(one, duration_ns=mean_ns) for one in events]


def start_of_the_process(events: list[Event]) -> list[Event]:
    """Starts kept by process: whoever entered last, of all threads, is the one whose start is found."""
    entries = sorted(one.entry_ns for one in events)
    told = []
    for one in events:
        end_ns = one.entry_ns + one.duration_ns
        latest_ns = max(entry for entry in entries if entry < end_ns)
        told.append(replace(one, duration_ns=end_ns - latest_ns))
    return told


def of_the_call_before(events: list[Event]) -> list[Event]:
    """Each thread's duration is that of its call before."""
    last: dict[int, int] = {}
    told = []
    for one in events:
        told.append(replace(one, duration_ns=last.get(one.tid, one.duration_ns)))
        last[one.tid] = one.duration_ns
    return told


def of_another_thread(events: list[Event]) -> list[Event]:
    """Two connections' durations are taken for each other."""
    lanes: dict[int, list[Event]] = defaultdict(list)
    for one in events:
        lanes[one.tid].append(one)
    first, second = sorted(lanes)[:2]
    swapped = [
        replace(one, duration_ns=other.duration_ns)
        for mine, theirs in ((first, second), (second, first))
        for one, other in zip(lanes[mine], lanes[theirs], strict=False)
    ]
    return swapped + [one for one in events if one.tid not in (first, second)]


def nine_of_ten(events: list[Event]) -> list[Event]:
    return [one for number, one in enumerate(events) if number % 10]


WRONG: dict[str, Callable[[list[Event]], list[Event]]] = {
    "10% too long": biased(1.1),
    "10% too short": biased(0.9),
    "microseconds": biased(1e-3),
    "the mean for each": mean_of_all,
    "start kept by process": start_of_the_process,
    "the call before": of_the_call_before,
    "another thread's": of_another_thread,
    "every tenth lost": nine_of_ten,
}


def tally(runs: range, machine: Machine) -> Counter[tuple[str, bool | None]]:
    """(tracer, what the rule said) -> in how many runs."""
    found: Counter[tuple[str, bool | None]] = Counter()
    for seed in runs:
        waits = run_of(seed, machine)
        found["right", passes(waits, waits.right)] += 1
        for name, wrong in WRONG.items():
            found[name, passes(waits, wrong(waits.right))] += 1
    return found


@pytest.mark.parametrize("machine", [QUIET, BUSY], ids=["quiet", "busy"])
def test_right_tracers_are_never_rejected_and_wrong_ones_never_accepted(machine: Machine) -> None:
    found = tally(range(12), machine)
    assert found["right", True] == 12
    assert [name for name in WRONG if found[name, True]] == []


def test_each_planted_length_still_has_enough_waits_where_the_machine_is_busy() -> None:
    for seed in range(5):
        lasted = [call.duration_ns for call in run_of(seed, BUSY).outer]
        enough = [one for one in PLATEAUS if sum(map(one.holds, lasted)) >= one.least]
        assert len(enough) >= 3


if __name__ == "__main__":
    for machine in (QUIET, BUSY):
        print(machine)
        for (name, said), number in sorted(tally(range(int(sys.argv[1])), machine).items(), key=str):
            print(f"  {name}: {said} in {number}")
