"""Exercise 4: what is sent, and what must be true of a tracer of five system calls in one container."""

from __future__ import annotations

import random
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from itertools import product
from statistics import median

from grader.checks import (
    Place,
    attached,
    clean_exit,
    durations,
    failed,
    how_often,
    kprobe,
    kretprobe,
    loaded,
    needs,
    passed,
    ran,
    ready,
    report_readable,
)
from grader.checks.events import Reported, events_match_calls, read_event
from grader.checks.making import likeliest
from grader.checks.maps import full_maps, losses
from grader.checks.own_tracing import own_tracing
from grader.exercise import Check, Expected, HostCpus, Numbers, Recorder
from grader.judging.evidence import plateaus_filled
from grader.observation import Observation, RecordedCall
from grader.report.fields import Fields, report_fields
from grader.traffic import LedgerEntry, Step, TrafficPlan
from grader.truth.calls import calls, ledger
from grader.truth.connections import Connection, connections, undisturbed
from grader.truth.counts import Count, compare_table, times
from grader.truth.durations import Event, Planted, Plateau
from grader.verdict import Finding

SYSCALLS = ("readv", "writev", "recvfrom", "sendto", "epoll_wait")
SHORT = SYSCALLS[:-1]
"""Those that never wait here: no call of theirs lies at the edge of the window."""
PLACES = tuple(place for name in SYSCALLS for place in (kprobe(name), kretprobe(name)))

RECORDER = Recorder(syscalls=SYSCALLS, whole_host=True)

# --- traffic ---

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
PARKED = Plateau("the waits over 1 s", 1_000_000_000, 2**63, least=0)
"""The parked threads' waits: a duration kept in 32 bits shows there. Judged, never asked for as evidence."""
GRADED = {"epoll_wait": (*PLATEAUS, PARKED)}
QUICK = (11, 13, 17, 19, 23, 29)
DRIVER_CALLS = (307, 311, 313, 317, 331, 337)
FAILING_CALLS = (13, 17, 19, 23, 29, 31)
TOLD_BY_EVENTS = ("events_lost",)
"""Not by counts, which are kept in maps: events have a check of their own."""
QUICK_CONNECTIONS = 2
CONNECTIONS = 1 + QUICK_CONNECTIONS + len(PATIENT_REQUESTS)
"""Of the container's server: the canary's, the quick and the patient ones."""
EAGAIN = -11
FIRST_PID = 1
"""What a container calls its server. On the host it is the machine's first process."""
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


# --- truth ---


def truth(seen: Observation, *, returned_data: bool = False) -> dict[str, Count]:
    """Calls of the container per system call, as the recorder saw them."""
    return {name: calls(seen, name, returned_data=returned_data).count for name in SYSCALLS}


def due(seen: Observation) -> dict[Place, Count]:
    """How often each program had to run at least, up to the last answer.

    The run counts are read a moment before SIGINT; waits that end in between are not in them.
    """
    answers = [call.exit_ns for call in calls(seen, "writev").inside]
    until = max(answers, default=0)
    numbers = {
        name: Count(sum(call.exit_ns <= until for call in calls(seen, name).inside)) for name in SYSCALLS
    }
    return {place: numbers[place.where] for place in PLACES}


def as_table(per_syscall: Mapping[str, int], field: str) -> Numbers:
    """Numbers keyed as in the report."""
    return {f"counts.{name}.{field}": number for name, number in per_syscall.items()}


# --- report ---


def read_counts(report: Fields, field: str) -> dict[str, int]:
    """System call -> one of its two numbers."""
    counts = report.fields("counts")
    return {name: counts.fields(name).count(field) for name in SYSCALLS}


def read_report(report: Fields) -> list[Reported]:
    """All of it; the events are handed back."""
    read_counts(report, "calls")
    read_counts(report, "with_data")
    return [read_event(event) for event in report.items("events")]


def events_of(seen: Observation) -> list[Reported]:
    """The events of a run's report."""
    return read_report(report_fields(seen))


def reported_waits(seen: Observation) -> Iterable[Event]:
    """The events as the durations' check wants them."""
    return [Event(one.tid, one.syscall, one.ts_ns, one.duration_ns) for one in events_of(seen)]


# --- checks ---


def counted_in_the_kernel(seen: Observation) -> Finding:
    """your numbers come from your probes, through maps"""
    mine = {one.program_id for one in seen.kernel.attachments if any(place.is_at(one) for place in PLACES)}
    if any(program.map_ids for program in seen.kernel.programs if program.id in mine):
        return passed("your programs use maps")
    return failed(
        "your programs use no map, so your numbers come from somewhere else",
        cause="no_map",
        hint="in tracer.bpf.c they count into maps and send `events`; tracer.py only reads those",
    )


def calls_per_syscall(seen: Observation) -> Finding:
    """every call of the container is counted once, and no other"""
    expected, got = truth(seen), read_counts(report_fields(seen), "calls")
    if not any(got.values()) and events_complete(seen):
        # Without a table: filters that let nothing through print the same numbers, and are not meant.
        return failed(
            "`calls` is 0 for every system call, and each call has its event all the same",
            cause="calls_never_counted",
            hint="entered() in tracer.bpf.c adds 1 to `calls`; which map does counts() in tracer.py read?",
        )
    often = min(how_often(seen, kprobe(name)) for name in SYSCALLS)
    if often > 1 and all(times(got[name], expected[name]) == often for name in SHORT):
        cause = "attached_twice"
        hint = f"{often} programs are at each entry, and each counts: which line in tracer.py is too many?"
    elif found := misplaced(seen, expected, got):
        cause, hint = found
    elif fitting := losses(seen, expected, got, but=TOLD_BY_EVENTS):
        cause, hint = likeliest(fitting)
    else:
        cause, hint = "", where_wrong(expected, got)
    return compare_table(got, expected, unit="calls", cause=cause, hint=hint)


def events_complete(seen: Observation) -> bool:
    """Whether each system call has as many events as calls: then filter, starts and buffer are no mistake."""
    got = Counter(event.syscall for event in events_of(seen))
    return all(count.admits(got[name]) for name, count in truth(seen).items())


def misplaced(
    seen: Observation, expected: Mapping[str, Count], got: Mapping[str, int]
) -> tuple[str, str] | None:
    """Whether what one row lacks is in another, or rows hold nothing while all others are right."""
    wrong = [name for name in SYSCALLS if not expected[name].admits(got[name])]
    if moved := in_another_row(wrong, expected, got):
        said = ", ".join(f"{name} as {row}" for name, row in moved.items())
        hint = f"you count {said}: see the functions of TODO 4, and the order of SYSCALLS in both files"
        return "counted_as_another_call", hint
    # A map without room is the other reason for rows that hold nothing.
    if 0 < len(wrong) < len(SYSCALLS) and not any(got[name] for name in wrong) and not full_maps(seen):
        return (
            "call_never_counted",
            f"you never count {', '.join(wrong)}: compare its functions (TODO 4) with those of the others",
        )
    return None


def in_another_row(wrong: list[str], expected: Mapping[str, Count], got: Mapping[str, int]) -> dict[str, str]:
    """System call -> the other row it is counted in, if that explains every wrong row; else nothing."""
    for rows in product(wrong, repeat=len(wrong)):
        sums = dict.fromkeys(wrong, Count(0))
        for name, row in zip(wrong, rows, strict=True):
            sums[row] += expected[name]
        if all(sums[name].admits(got[name]) for name in wrong):
            return {name: row for name, row in zip(wrong, rows, strict=True) if name != row}
    return {}


def where_wrong(expected: Mapping[str, Count], got: Mapping[str, int]) -> str:
    """Where to look when no mistake is known that gives these numbers of calls."""
    wrong = [name for name in SYSCALLS if not expected[name].admits(got[name])]
    if len(wrong) < len(SYSCALLS):
        return f"the other rows are right: compare the functions of {', '.join(wrong)} with theirs (TODO 4)"
    factors = {times(got[name], expected[name]) for name in SYSCALLS}
    if len(factors) == 1 and (factor := factors.pop()):
        return f"each is {factor} times the real one: where does tracer.bpf.c or tracer.py add to it again?"
    return "look at in_target() in tracer.bpf.c (TODO 1): the container's cgroup, and groups below it"


def fits(got: Mapping[str, int], field: str, wrong: Numbers) -> bool:
    """Whether these are the numbers of a misconception."""
    return all(as_table(got, field)[path] == number for path, number in wrong.items())


@needs("calls_per_syscall")
def calls_with_data(seen: Observation) -> Finding:
    """a call returned data when its return value is above 0"""
    expected, got = truth(seen, returned_data=True), read_counts(report_fields(seen), "with_data")
    cause, hint = (
        "",
        "look at the return value in tracer.bpf.c (TODO 3): a signed number, compared with 0?",
    )
    if not any(got.values()) and (events_complete(seen) or not full_maps(seen)):
        cause, hint = "with_data_never_counted", nothing_returned(seen)
    elif found := misplaced(seen, expected, got):
        cause, hint = found
    elif all(got[name] <= expected[name].high for name in SYSCALLS):
        fitting = [*unfound(seen), *losses(seen, expected, got, but=TOLD_BY_EVENTS)]
        cause, hint = likeliest(fitting) if fitting else (cause, hint)
    elif not fits(got, "with_data", ends_counted_as_data(seen)) and all(
        got[name] - expected[name].high < FAILING_CALLS[0] for name in SYSCALLS
    ):
        # Fewer too many than calls that failed: these few are returns of calls outside the container.
        cause, hint = "stale_start", "a return found an old start: delete it, or the next return finds it too"
    return compare_table(got, expected, unit="calls", cause=cause, hint=hint)


def nothing_returned(seen: Observation) -> str:
    """Where to look when no return is in `with_data`."""
    if events_complete(seen):
        return "your events are all there: where does returned() add 1 to `with_data` (TODO 3)?"
    return (
        "does returned() add 1 to `with_data` (TODO 3), and find what entered() put into `starts` (TODO 2)?"
    )


def unfound(seen: Observation) -> list[tuple[str, str]]:
    """Returns that found no start: they sent no event either.

    The return programs ran for every call: `ran` came first.
    """
    if events_complete(seen):
        return []
    hint = "returns found no start: is the key the thread's own (all 64 bits), and the map large enough?"
    return [("starts_overwritten", hint)]


@needs("events_match_calls")
def short_calls(seen: Observation) -> Finding:
    """calls of microseconds, beside the recorder's: shown, never graded"""
    events = events_of(seen)
    yours = {name: middle(one.duration_ns for one in events if one.syscall == name) for name in SHORT}
    ours = {name: middle(call.duration_ns for call in calls(seen, name).inside) for name in SHORT}
    said = ", ".join(f"{name} {ours[name] / 1e3:.1f} and {yours[name] / 1e3:.1f} us" for name in SHORT)
    return passed(f"median by the recorder and by you: {said}", expected=ours, got=yours, unit="ns")


def middle(numbers: Iterable[int]) -> int:
    """The median, 0 of nothing."""
    values = list(numbers)
    return round(median(values)) if values else 0


CHECKS: tuple[Check, ...] = (
    loaded,
    ready,
    own_tracing,
    attached(
        *PLACES,
        name="probes_on_the_five_calls",
        title="entry and return of all five system calls have a program of yours",
    ),
    clean_exit,
    report_readable(read_report),
    counted_in_the_kernel,
    ran(*PLACES, truth=due),
    calls_per_syscall,
    calls_with_data,
    needs("calls_with_data")(events_match_calls(events_of, *SYSCALLS)),
    needs("events_match_calls")(
        durations(
            reported_waits,
            GRADED["epoll_wait"],
            "epoll_wait",
            name="waits_per_plateau",
            title="waits in epoll_wait are as long as the recorder says, event by event",
        )
    ),
    short_calls,
)


# --- evidence ---


def requests_arrived(seen: Observation) -> str | None:
    """The recorder must have seen what the ledger says was sent."""
    name = seen.target.name if seen.target else ""
    sent = len(ledger(seen, "http", name, ok=True))
    read = calls(seen, "readv", returned_data=True).count
    made = sum(int(unit.detail["calls"].get("readv", 0)) for unit in ledger(seen, "target_calls"))
    if read.high < sent + made:
        return f"{sent} requests and {made} other calls were sent, and the recorder saw {read} of readv"
    return None


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


EVIDENCE = (requests_arrived, threads_apart, plateaus_filled("epoll_wait", plateaus=PLATEAUS))


# --- misconceptions ---


def per_syscall(seen: Observation, keep: Callable[[RecordedCall], bool]) -> dict[str, int]:
    """Calls on the whole host that a filter would let through."""
    everywhere = calls(seen, *SYSCALLS, everywhere=True).where(keep)
    found = Counter(call.syscall for call in everywhere.inside)
    return {name: found[name] for name in SYSCALLS}


def no_filter(seen: Observation) -> Numbers:
    """the whole machine's calls are counted, not only the container's

    look at in_target() in tracer.bpf.c (TODO 1), and whether every entry asks it
    """
    # Daemons wait in epoll_wait all the time; nobody but the two servers calls these.
    found = per_syscall(seen, lambda call: True)
    return as_table({name: found[name] for name in ("readv", "writev")}, "calls")


def server_pid_only(seen: Observation) -> Numbers:
    """the filter knows only the server's process, and the container has more"""
    pid = seen.target.main_pid if seen.target else -1
    return as_table(per_syscall(seen, lambda call: call.pid == pid), "calls")


def leaf_cgroup_only(seen: Observation) -> Numbers:
    """the filter asks for the task's own cgroup, and misses groups below the container's"""
    below = {int(unit.detail.get("pid", -1)) for unit in ledger(seen, "target_calls")}
    return as_table(per_syscall(seen, lambda call: call.in_target and call.pid not in below), "calls")


def thread_id_as_pid(seen: Observation) -> Numbers:
    """a thread's number is compared with the process's, so that only the main thread fits

    look at in_target() in tracer.bpf.c (TODO 1): a container is a cgroup, and has many threads
    """
    pid = seen.target.main_pid if seen.target else -1
    return short_table(per_syscall(seen, lambda call: call.tid == pid))


def namespaced_pid(seen: Observation) -> Numbers:
    """the filter asks for the number that the server has inside its container, 1, which is another's here"""
    return short_table(per_syscall(seen, lambda call: call.pid == FIRST_PID))


def short_table(found: Mapping[str, int]) -> Numbers:
    """Without epoll_wait, which daemons call too: nobody but servers makes the others."""
    return as_table({name: found[name] for name in SHORT}, "calls")


def only_data_counted(seen: Observation) -> Numbers:
    """a call is counted only when it returned data

    `calls` is counted in entered() in tracer.bpf.c, before anybody knows what the call returns
    """
    return short_table(per_syscall(seen, lambda call: call.in_target and call.ret > 0))


def returns_unfiltered(seen: Observation) -> Numbers:
    """the filter holds at the entry alone, and every return of the machine that brought data is counted"""
    found = per_syscall(seen, lambda call: call.ret > 0)
    return as_table({name: found[name] for name in ("readv", "writev")}, "with_data")


def errors_counted_as_data(seen: Observation) -> Numbers:
    """an error (a negative number) is taken for data"""
    found = per_syscall(seen, lambda call: call.in_target and call.ret != 0)
    return as_table({name: found[name] for name in SHORT}, "with_data")


def ends_counted_as_data(seen: Observation) -> Numbers:
    """a return of 0, as at the end of a connection, is taken for data"""
    found = per_syscall(seen, lambda call: call.in_target and call.ret >= 0)
    return as_table({name: found[name] for name in SHORT}, "with_data")


def every_return_is_data(seen: Observation) -> Numbers:
    """every return is taken for data, errors and ends of connections too"""
    found = per_syscall(seen, lambda call: call.in_target)
    return as_table({name: found[name] for name in SHORT}, "with_data")


def eagain_alone_is_an_error(seen: Observation) -> Numbers:
    """of the errors only EAGAIN (-11) is taken for one"""
    found = per_syscall(seen, lambda call: call.in_target and call.ret not in (0, EAGAIN))
    return as_table({name: found[name] for name in SHORT}, "with_data")


def bytes_for_calls(seen: Observation) -> Numbers:
    """the bytes that were moved are added up, not the calls

    look what returned() in tracer.bpf.c adds to `with_data` (TODO 3): 1 for each call
    """
    moved: Counter[str] = Counter()
    for call in calls(seen, *SHORT, returned_data=True).inside:
        moved[call.syscall] += call.ret
    return as_table({name: moved[name] for name in SHORT}, "with_data")


MISCONCEPTIONS = {
    "no_filter": no_filter,
    "server_pid_only": server_pid_only,
    "leaf_cgroup_only": leaf_cgroup_only,
    "thread_id_as_pid": thread_id_as_pid,
    "namespaced_pid": namespaced_pid,
    "only_data_counted": only_data_counted,
    "returns_unfiltered": returns_unfiltered,
    "errors_counted_as_data": errors_counted_as_data,
    "ends_counted_as_data": ends_counted_as_data,
    "every_return_is_data": every_return_is_data,
    "eagain_alone_is_an_error": eagain_alone_is_an_error,
    "bytes_for_calls": bytes_for_calls,
}


def summary(seen: Observation) -> Expected:
    """What `lab run` shows as really sent."""
    fields = {"calls": truth(seen), "with_data": truth(seen, returned_data=True)}
    return {
        f"counts.{name}.{field}": count for field, counts in fields.items() for name, count in counts.items()
    }


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
