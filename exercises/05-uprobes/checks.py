"""Exercise 5: what is sent, and what must be true of a tracer of a server's gRPC streams."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace

from grader.checks import clean_exit, failed, loaded, needs, passed, ready, report_readable
from grader.checks.functions import Function, at, functions_attached, functions_ran
from grader.checks.lifetimes import (
    Told,
    events_match_objects,
    match,
    object_durations,
    object_pairs,
    unclear_durations,
)
from grader.checks.making import likeliest
from grader.checks.maps import full_maps, losses, map_full
from grader.checks.own_tracing import own_tracing
from grader.exercise import Check, Expected, HostCpus, Numbers, Recorder
from grader.judging.evidence import impossible
from grader.observation import FunctionCall, Observation
from grader.report.fields import Fields, report_fields
from grader.traffic import Step, TrafficPlan
from grader.truth.calls import ledger
from grader.truth.counts import Count, compare_table
from grader.truth.durations import Pair, Planted, Plateau
from grader.truth.lifetimes import FunctionArgument, Lifetime, Lifetimes, lifetimes
from grader.verdict import Finding, Outcome

COMPLETES = (
    "_Z49grpc_chttp2_maybe_complete_recv_trailing_metadataP21grpc_chttp2_transportP18grpc_chttp2_stream"
)
MAKES = "_ZN18grpc_chttp2_streamC1EP21grpc_chttp2_transportP20grpc_stream_refcountPKvPN9grpc_core5ArenaE"
MAKES_COLD = MAKES.replace("C1E", "C2E") + ".cold"
FUNCTIONS = (
    Function(COMPLETES, "maybe_complete_recv_trailing_metadata", {COMPLETES + ".cold": "cold_twin"}),
    Function(MAKES, "the stream's constructor", {MAKES_COLD: "cold_twin"}),
)
RECORDER = Recorder(
    syscalls=(), whole_host=True, functions=(MAKES, COMPLETES, COMPLETES + ".cold", MAKES_COLD)
)

FIRST_PID = 1
"""What a container calls its server. On the host it is the machine's first process."""
LAST_CALL = 3
"""It completes a stream. One that was given up has one more, or a dozen where the server had not begun."""

# --- traffic ---

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
GRADED = {"stream": PLATEAUS}
PLANTED_HOW = ((True, "sleep_ms", "the model slept"), (False, "cancel_ms", "the client gave up"))
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


# --- truth ---


def streams(seen: Observation, *, everywhere: bool = False) -> Lifetimes:
    """The server's streams, as the recorder saw them."""
    made, called = FunctionArgument(MAKES, 0), FunctionArgument(COMPLETES, 1)
    return lifetimes(seen, made, called, everywhere=everywhere)


def numbers_of(found: Lifetimes) -> dict[str, Count]:
    """What a right report says of these streams."""
    return {
        "streams": found.count(),
        "completed": found.count(LAST_CALL, LAST_CALL),
        "cancelled": found.count(LAST_CALL + 1),
        "calls": found.calls(),
    }


def plain(counts: Mapping[str, Count]) -> dict[str, int]:
    """Without the edges."""
    return {name: count.inside for name, count in counts.items()}


def latency_ns(stream: Lifetime) -> int:
    """From the constructor to the call that completes it."""
    return stream.until_ns(LAST_CALL)


# --- report ---


def read_counts(report: Fields) -> dict[str, int]:
    """The four numbers."""
    return {name: report.count(name) for name in ("streams", "completed", "cancelled", "calls")}


def read_event(event: Fields) -> Told:
    """One entry of the list of events."""
    address = event.integer("stream", low=0, high=2**64 - 1)
    return Told(address, event.integer("ts_ns"), event.integer("latency_ns"))


def read_report(report: Fields) -> list[Told]:
    """All of it; the events are handed back."""
    read_counts(report)
    return [read_event(event) for event in report.items("events")]


def events_of(seen: Observation) -> list[Told]:
    """The events of a run's report."""
    return read_report(report_fields(seen))


# --- checks ---


def counted_in_the_kernel(seen: Observation) -> Finding:
    """your numbers come from your probes, through maps"""
    mine = {one.program_id for function in FUNCTIONS for one in at(seen, function.symbol)}
    if any(program.map_ids for program in seen.kernel.programs if program.id in mine):
        return passed("your programs use maps")
    return failed(
        "your programs use no map, so your numbers come from somewhere else",
        cause="no_map",
        hint="in tracer.bpf.c they count into `reached` and send `events`; tracer.py only reads those",
    )


def streams_counted(seen: Observation) -> Finding:
    """streams, completed and given up, and the calls of all of them, are counted exactly"""
    got, right = read_counts(report_fields(seen)), numbers_of(streams(seen))
    found = compare_table(got, right)
    if found.outcome is Outcome.PASS:
        said = ", ".join(f"{number} {name}" for name, number in got.items())
        return replace(found, message=f"{said}: as the recorder saw them")
    cause, hint = likely(seen, right, got)
    return compare_table(got, right, cause=cause, hint=hint)


def likely(seen: Observation, right: Mapping[str, Count], got: Mapping[str, int]) -> tuple[str, str]:
    """Why the four numbers are wrong: (cause, hint). Without a cause where a misconception may speak."""
    hint = "read from the top: streams first (TODO 1), then calls (TODO 2, 3), then the other two (TODO 5)"
    if any(fits(got, misconception(seen)) for misconception in MISCONCEPTIONS.values()):
        return "", hint
    counted = right["streams"].admits(got["streams"])
    # Whether events got lost has a check of its own; who asks one CPU alone has too few streams as well.
    fitting = losses(seen, right, got, but=("events_lost", "one_cpu") if counted else ("events_lost",))
    # A number that is put together wrongly is off by more: as many at least as were given up.
    few = fitting and all(right[name].inside - got[name] < right["cancelled"].inside for name in right)
    if counted and not few and events_are_whole(seen):
        return cut_off(seen, got["calls"]) or (
            "sums_wrong",
            "each stream has its event, so your programs find their streams: look at counts() in tracer.py"
            " (TODO 5), then at what is counted behind the third call",
        )
    full = full_maps(seen)
    if full and got["calls"] < right["calls"].inside:
        fitting.insert(0, map_full(full[0]))
    if fitting:
        return likeliest(fitting)
    if counted and got["calls"] == 0:
        said = "no call finds its stream: what does stream_made keep (TODO 2), and which argument of each"
        return "stream_not_found", f"{said} function is the stream (TODO 3)?"
    if counted and (got["completed"] or got["cancelled"] or not right["calls"].admits(got["calls"])):
        said = "look at the key of `streams` (TODO 2): other streams share the connection and the threads"
        return likeliest([*kept_per_cpu(seen), ("wrong_key", said)])
    return "", hint


def cut_off(seen: Observation, got: int) -> tuple[str, str] | None:
    """Whether the calls are those of a tracer that counts no more than so many of a stream: (cause, hint)."""
    calls_of = [len(stream.calls) for stream in streams(seen).inside]
    for limit in range(LAST_CALL + 1, max(calls_of, default=0)):
        if got == sum(min(number, limit) for number in calls_of):
            said = (
                f"`calls` is as if no stream had more than {limit} calls, and some had up to {max(calls_of)}"
            )
            hint = f"{said}: see the limits in tracer.bpf.c, and how far counts() in tracer.py adds up"
            return "later_calls_not_counted", hint
    return None


def kept_per_cpu(seen: Observation) -> list[tuple[str, str]]:
    """Where streams may be kept for each CPU apart: (cause, hint)."""
    said = "the map {} is apart for each CPU, and a stream's calls come on several: are streams kept there?"
    per_cpu = [one.name for one in seen.kernel.maps if one.kind in ("percpu_hash", "lru_percpu_hash")]
    return [("kept_per_cpu", said.format(name)) for name in per_cpu]


def events_are_whole(seen: Observation) -> bool:
    """Each stream has its event, which tells that the programs find their streams."""
    return not match(events_of(seen), streams(seen).inside).without_event


def fits(got: Mapping[str, int], numbers: Numbers) -> bool:
    """Whether these are the numbers of a misconception."""
    return all(got[name] == number for name, number in numbers.items())


def given_up(stream: Lifetime) -> bool:
    """Whether the client did not wait for the answer."""
    return len(stream.calls) > LAST_CALL


CHECKS: tuple[Check, ...] = (
    loaded,
    ready,
    own_tracing,
    functions_attached(
        *FUNCTIONS,
        name="probes_on_both_functions",
        title="the constructor and the function that completes a stream have a program of yours",
    ),
    clean_exit,
    report_readable(read_report),
    counted_in_the_kernel,
    functions_ran(*FUNCTIONS),
    streams_counted,
    needs("streams_counted")(
        events_match_objects(
            events_of,
            streams,
            "stream",
            name="events_match_streams",
            title="there is one event for each stream, with its address and the time it was made",
            parts={
                "given_up_left_out": (
                    given_up,
                    "streams that were given up have no event: they had a third call too (TODO 4)",
                ),
                "given_up_only": (
                    lambda stream: not given_up(stream),
                    "only streams that were given up have an event: send it at the third call (TODO 4)",
                ),
            },
        )
    ),
    needs("events_match_streams")(
        object_durations(
            events_of,
            streams,
            LAST_CALL,
            GRADED["stream"],
            name="latency_per_plateau",
            title="each stream's latency is what the recorders say, event by event",
            others={
                "first_call": (
                    (0, 1),
                    "yours end at a stream's first call: where does metadata_call send the event? (TODO 4)",
                ),
                "second_call": (
                    (0, 2),
                    "yours end at a stream's second call: where does metadata_call send the event? (TODO 4)",
                ),
                "from_first_call": (
                    (1, LAST_CALL),
                    "yours begin at a stream's first call: keep the time where it is made (TODO 2)",
                ),
                "from_second_call": (
                    (2, LAST_CALL),
                    "yours begin at a stream's second call: keep the time where it is made (TODO 2)",
                ),
            },
            parts={
                "given_up_otherwise": (
                    given_up,
                    "only streams that were given up are off: theirs end at the third call too (TODO 4)",
                ),
            },
        )
    ),
)


# --- evidence ---


def recorder_and_ledger_agree(seen: Observation) -> str | None:
    """Every call that was answered is a complete stream, and there are no more streams than calls."""
    name = seen.target.name if seen.target else ""
    sent = ledger(seen, "grpc", name, ok=True)
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


# --- misconceptions ---


def no_filter(seen: Observation) -> Numbers:
    """every server that runs this file is counted, not only the container's

    look at in_target() in tracer.bpf.c (TODO 1), and whether both programs ask it
    """
    return plain(numbers_of(streams(seen, everywhere=True)))


def thread_id_as_pid(seen: Observation) -> Numbers:
    """a thread's number is compared with the process's, so that only the main thread fits

    look at in_target() in tracer.bpf.c (TODO 1): a container is a cgroup, and has many threads
    """
    pid = seen.target.main_pid if seen.target else -1
    return let_through(seen, lambda call: call.tid == pid)


def namespaced_pid(seen: Observation) -> Numbers:
    """the filter asks for the number that the server has inside its container, 1, which is another's here

    look at in_target() in tracer.bpf.c (TODO 1): a container is a cgroup
    """
    return let_through(seen, lambda call: call.pid == FIRST_PID)


def let_through(seen: Observation, keep: Callable[[FunctionCall], bool]) -> Numbers:
    """The four numbers of a tracer whose filter lets these calls through."""
    kept = [sum(map(keep, one.calls)) for one in streams(seen, everywhere=True).inside if keep(one.made)]
    return {
        "streams": len(kept),
        "completed": sum(calls == LAST_CALL for calls in kept),
        "cancelled": sum(calls > LAST_CALL for calls in kept),
        "calls": sum(kept),
    }


def addresses_counted(seen: Observation) -> Numbers:
    """addresses are counted, and an address has one stream after the other

    look at `streams` in tracer.py (TODO 5): which place of `reached` counts what stream_made saw?
    """
    addresses = len({one.address for one in streams(seen).inside})
    return {**plain(numbers_of(streams(seen))), "streams": addresses}


def calls_as_streams(seen: Observation) -> Numbers:
    """each call of the function is taken for a stream, and a stream has several

    look at `streams` in tracer.py (TODO 5): which place of `reached` counts what stream_made saw?
    """
    return {"streams": streams(seen).calls().inside}


def cancelled_as_completed(seen: Observation) -> Numbers:
    """every stream that had its third call is taken for completed, the given up ones too

    look at `completed` in tracer.py (TODO 5): those that were given up had three calls, too
    """
    right = plain(numbers_of(streams(seen)))
    taken = {"completed": right["completed"] + right["cancelled"]}
    return {"streams": right["streams"], "calls": right["calls"], **taken}


def cancelled_left_out(seen: Observation) -> Numbers:
    """streams that the client gave up are missing

    look at `streams` and `cancelled` in tracer.py (TODO 5): a stream that was given up had a fourth call
    """
    right = plain(numbers_of(streams(seen)))
    return {"streams": right["completed"], "completed": right["completed"]}


def later_calls_as_cancelled(seen: Observation) -> Numbers:
    """each call after the third is taken for a stream that was given up, and some have a dozen

    look at `cancelled` in tracer.py (TODO 5): a stream with five calls is in reached[4] and in reached[5]
    """
    right = plain(numbers_of(streams(seen)))
    return {**right, "cancelled": right["calls"] - LAST_CALL * right["streams"]}


def four_calls_as_cancelled(seen: Observation) -> Numbers:
    """only streams with exactly four calls are taken for given up, and some have a dozen more

    look at `cancelled` in tracer.py (TODO 5): four calls or more
    """
    found = streams(seen)
    return {**plain(numbers_of(found)), "cancelled": found.count(LAST_CALL + 1, LAST_CALL + 1).inside}


def forgotten_at_the_third_call(seen: Observation) -> Numbers:
    """a stream is forgotten at its third call, so that the fourth of those given up is never seen

    look what metadata_call in tracer.bpf.c does with its entry in `streams` at the third call
    """
    right = plain(numbers_of(streams(seen)))
    return {
        "streams": right["streams"],
        "completed": right["streams"],
        "cancelled": 0,
        "calls": LAST_CALL * right["streams"],
    }


def stale_streams(seen: Observation) -> Numbers:
    """what was kept for an address is never replaced, and a new stream of this address goes on with it

    look how stream_made writes into `streams` (TODO 2): what if the address has an entry already?
    """
    per_address = Counter(one.address for one in streams(seen).inside for _ in one.calls)
    third, fourth = (sum(calls >= number for calls in per_address.values()) for number in (3, 4))
    return {"completed": third - fourth, "cancelled": fourth}


MISCONCEPTIONS = {
    "no_filter": no_filter,
    "thread_id_as_pid": thread_id_as_pid,
    "namespaced_pid": namespaced_pid,
    "addresses_counted": addresses_counted,
    "calls_as_streams": calls_as_streams,
    "later_calls_as_cancelled": later_calls_as_cancelled,
    "four_calls_as_cancelled": four_calls_as_cancelled,
    "forgotten_at_the_third_call": forgotten_at_the_third_call,
    "cancelled_as_completed": cancelled_as_completed,
    "cancelled_left_out": cancelled_left_out,
    "stale_streams": stale_streams,
}


def summary(seen: Observation) -> Expected:
    """What `lab run` shows as really sent."""
    return numbers_of(streams(seen))


def pairs(seen: Observation) -> dict[str, list[Pair]]:
    """What `lab show` draws."""
    return {"stream": object_pairs(seen, events_of, streams, LAST_CALL)}


def planted_durations(seen: Observation) -> list[Planted]:
    """The ledger's calls and the recorder's streams, both in the order in which they began: those that were
    answered, and those that were given up.

    Calls of several lanes overtake each other on their way: two that cannot belong together are left out. So
    are all that were given up when one of them never reached the server.
    """
    sent = sorted(
        ledger(seen, "grpc", seen.target.name if seen.target else "", ok=True),
        key=lambda unit: unit.started_ns,
    )
    lives = streams(seen).inside
    found = []
    for answered, length, how in PLANTED_HOW:
        units = [unit for unit in sent if (unit.detail["status"] == "OK") == answered]
        mine = [one for one in lives if given_up(one) != answered]
        for unit, stream in zip(units, mine, strict=True) if len(units) == len(mine) else ():
            least_ns = round(unit.detail[length] * 1e6)
            if not answered or least_ns <= latency_ns(stream) <= unit.detail["latency_ns"]:
                found.append(Planted(stream.made.tid, stream.made.at_ns, least_ns, how))
    return sorted(found, key=lambda one: one.entry_ns)
