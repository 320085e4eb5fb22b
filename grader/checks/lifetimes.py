"""Events, one for each object of the traced program: complete, and each as its object was."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from grader.checks.durations import finding as plateau_finding
from grader.checks.making import Why, failed, likeliest, named, passed
from grader.exercise import Check
from grader.observation import Observation
from grader.report.fields import report_fields
from grader.truth.calls import pair_nearest
from grader.truth.durations import NOISE_FLOOR_NS, Pair, Plateau, judge_plateaus, unclear_reason
from grader.truth.lifetimes import Lifetime, Lifetimes
from grader.verdict import Finding, Outcome

NEAR_NS = 100_000_000
"""How far the time of an event may be outside the recorder's two. Pairs are made nearest first, so the time
of an older object goes to the older one.
"""

LOWER_HALF = 2**32 - 1
NOT_FAR_NS = 100_000
"""How far outside the recorder's two a tracer's time of the making may be, for most events. In recorded runs
none is outside at all."""
OTHER_RELATIVE = 0.25
ALIKE = 0.001
"""Share by which two ways to measure may differ and still be one as likely as the other."""


@dataclass(frozen=True)
class Told:
    """One object as the tracer reported it. Times are nanoseconds of the lab host's CLOCK_MONOTONIC."""

    address: int
    ts_ns: int
    duration_ns: int


Read = Callable[[Observation], Sequence[Told]]
Truth = Callable[[Observation], Lifetimes]
Calls = tuple[int, int]
"""Two calls of an object, in their order; 0 is its making."""
Parts = Mapping[str, tuple[Callable[[Lifetime], bool], str]]


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


def events_match_objects(
    read: Read, truth: Truth, what: str, *, name: str, title: str, parts: Parts | None = None
) -> Check:
    """A check that each object of the target has its event, and that there are no others. `what` names one
    object in sentences.

    Causes: `wrong_clock`, `kept_in_32_bits`, `wrong_key`, `no_events`, `not_when_made`, `stale_start`,
    `one_for_each_address`, `last_events_missing`, `events_lost`, `events_twice`, `events_of_others`, and
    those of `parts`: cause -> (objects that a tracer may leave out, hint).
    """

    def check(seen: Observation) -> Finding:
        events, lives = read(seen), truth(seen)
        matched = match(events, lives.inside)
        edge = match(matched.surplus, lives.edge)
        total, found = len(lives.inside), len(matched.pairs)
        if matched.without_event:
            cause, hint = _why_missing(seen, events, lives, matched, what, parts or {})
            said = f"{len(matched.without_event)} of {total} {what}s have no event of their own"
            said += f"; {len(edge.surplus)} events fit none" if edge.surplus else ""
        elif edge.surplus:
            cause, hint = _why_too_many(edge, lives, what)
            said, found = f"{len(edge.surplus)} events too many", found + len(edge.surplus)
        elif _most(elsewhere := not_when_made(events, lives.inside + lives.edge), events):
            said = (
                f"{len(elsewhere)} of {len(events)} events say another time than when their {what} was made"
            )
            cause, hint = _time_kept(what)
        else:
            said = f"{found} events, one for each {what}"
            return passed(said, expected=total, got=found, unit="events")
        return failed(said, cause=cause, hint=hint, expected=total, got=found, unit="events")

    return named(name, title, check)


def _why_too_many(edge: Matched, lives: Lifetimes, what: str) -> Why:
    """Each object has its event, and there are more: (cause, hint)."""
    addresses = {one.address for one in lives.inside}
    if 2 * sum(one.address in addresses for one in edge.surplus) > len(edge.surplus):
        return (
            "events_twice",
            f"one event for each {what}: sent twice in tracer.bpf.c, or listed twice in tracer.py?",
        )
    return "events_of_others", "in tracer.bpf.c, in_target() must be asked before the event is sent, too"


def _time_kept(what: str) -> Why:
    """Events with another time than their object's making: (cause, hint)."""
    return (
        "not_when_made",
        f"ts_ns is when the {what} was made: kept then in tracer.bpf.c, not asked for when the event is sent"
        " or read",
    )


def _why_missing(
    seen: Observation,
    events: Sequence[Told],
    lives: Lifetimes,
    matched: Matched,
    what: str,
    parts: Parts,
) -> Why:
    """Objects without an event: (cause, hint)."""
    if not events:
        hint = "there is no event: does tracer.bpf.c send one (TODO 4), and does tracer.py read the buffer?"
        return "no_events", hint
    return (
        _foreign_events(events, lives.inside)
        or _wrong_times(events, lives, matched, what)
        or _left_out(events, matched, parts)
        or _lost_events(seen, events, matched)
    )


def _most(some: Sequence[Told], events: Sequence[Told]) -> bool:
    return 2 * len(some) > len(events)


def _foreign_events(events: Sequence[Told], objects: Sequence[Lifetime]) -> Why | None:
    """Most events are of no time, or of no object, of this run."""
    first, last = objects[0].made.at_ns - NEAR_NS, objects[-1].calls[-1].at_ns
    if _most([one for one in events if not first <= one.ts_ns <= last], events):
        return (
            "wrong_clock",
            "ts_ns is bpf_ktime_get_ns(), in nanoseconds, not the time of day: who fills it?",
        )
    known = {one.address for one in objects}
    unknown = [one for one in events if one.address not in known]
    if not _most(unknown, events):
        return None
    lower = {address & LOWER_HALF for address in known}
    if _most([one for one in unknown if one.address in lower], events):
        return "kept_in_32_bits", "an address has 64 bits: look at the types in tracer.bpf.c (u64)"
    hint = "which argument fills the event's address? Of a C++ constructor, the first is `this`"
    return "wrong_key", hint


def _wrong_times(events: Sequence[Told], lives: Lifetimes, matched: Matched, what: str) -> Why | None:
    """The addresses are right, and the times are those of something else."""
    if _most(not_when_made(events, lives.inside + lives.edge), events):
        return _time_kept(what)
    if len(matched.surplus) >= len(matched.without_event) // 2 > 0:
        return (
            "stale_start",
            f"an address comes back: does tracer.bpf.c replace what it kept when a new {what} is made?",
        )
    return None


def _left_out(events: Sequence[Told], matched: Matched, parts: Parts) -> Why | None:
    """All events are right, and those that are not there have something in common."""
    told = [one for _, one in matched.pairs]
    for cause, (belongs, hint) in parts.items():
        if all(map(belongs, matched.without_event)) and not any(map(belongs, told)):
            return cause, hint
    shared = {one.address for one in matched.without_event} <= {one.address for one in events}
    if shared and len({one.address for one in events}) == len(events):
        hint = (
            "each address has one event, and addresses come back: does tracer.py keep a list of all events?"
        )
        return "one_for_each_address", hint
    return None


def _lost_events(seen: Observation, events: Sequence[Told], matched: Matched) -> Why:
    """Some did not arrive, or not in time."""
    newest = max(one.ts_ns + max(0, one.duration_ns) for one in events)
    late = sum(one.calls[-1].at_ns > newest for one in matched.without_event if one.calls)
    if not report_fields(seen).values.get("lost", 0) and late == len(matched.without_event):
        hint = "read the buffer once more after wait_for_stop() (tracer.py); too small a one looks the same"
        return "last_events_missing", hint
    return (
        "events_lost",
        "is the start found again at the end (tracer.bpf.c), the buffer large, and read often (tracer.py)?",
    )


def object_durations(
    read: Read,
    truth: Truth,
    last_call: int,
    plateaus: Sequence[Plateau],
    *,
    name: str,
    title: str,
    others: Mapping[str, tuple[Calls, str]] | None = None,
    parts: Parts | None = None,
) -> Check:
    """A check of each event's duration, from the object's making to its `last_call`th call (counted from 1),
    against the recorders', by the rule of `grader.truth.durations`.

    `others`: cause -> (between which of its calls a tracer may have measured instead, hint); 0 is the making.
    `parts`: cause -> (which objects, hint): said where all that are off are of these, and others are right.
    """

    def pooled(runs: Sequence[Observation]) -> Finding:
        matched = [pair for seen in runs for pair in match(read(seen), truth(seen).inside).pairs]
        pairs = [_paired(one, last_call, told) for told, one in matched]
        found = plateau_finding(judge_plateaus(pairs, plateaus, pooled=len(runs) > 1), NOISE_FLOOR_NS)
        if found.outcome is Outcome.FAIL:
            cause, hint = likeliest(
                _measured_elsewhere(matched, others or {}, (0, last_call))
                or _off_in_part(matched, last_call, parts or {})
            )
            if cause:
                return replace(found, cause=cause, hint=hint)
        return found

    return named(name, title, lambda seen: pooled([seen]), pooled)


def object_pairs(seen: Observation, read: Read, truth: Truth, last_call: int) -> list[Pair]:
    """Each object of a run with what the tracer said of its duration, for who shows them."""
    matched = match(read(seen), truth(seen).inside)
    missing = [_paired(one, last_call, None) for one in matched.without_event if one.until_ns(last_call)]
    return [_paired(one, last_call, told) for told, one in matched.pairs] + missing


def unclear_durations(
    seen: Observation, truth: Truth, last_call: int, plateaus: Sequence[Plateau]
) -> str | None:
    """For an exercise's evidence: too many durations of a plateau that the recorders do not tell well."""
    pairs = [_paired(one, last_call, None) for one in truth(seen).inside if one.until_ns(last_call)]
    for plateau in plateaus:
        reason = unclear_reason([pair for pair in pairs if plateau.holds(pair.planted_ns)], plateau)
        if reason:
            return reason
    return None


def _paired(one: Lifetime, last_call: int, told: Told | None) -> Pair:
    said = told.duration_ns if told else None
    lasted_ns = one.until_ns(last_call)
    bounds_ns = one.bounds_ns(last_call) if lasted_ns else None
    return Pair(lasted_ns, said, one.made.at_ns, one.made.tid, NOISE_FLOOR_NS, bounds_ns=bounds_ns)


def _measured_elsewhere(
    matched: Sequence[tuple[Told, Lifetime]], others: Mapping[str, tuple[Calls, str]], right: Calls
) -> list[Why]:
    """(cause, hint) of the other calls that the durations are from and to: the nearest ones, and nearer than
    the right ones.
    """
    far = {cause: _how_far(matched, other) for cause, (other, _) in others.items()}
    most = min([OTHER_RELATIVE, _how_far(matched, right) / 2, 2 * min(far.values(), default=0.0) + ALIKE])
    return [(cause, hint) for cause, (_, hint) in others.items() if far[cause] < most]


def _off_in_part(matched: Sequence[tuple[Told, Lifetime]], last_call: int, parts: Parts) -> list[Why]:
    """(cause, hint) of the objects that alone have wrong durations."""
    right = [one for told, one in matched if not _paired(one, last_call, told).bad]
    wrong = [one for told, one in matched if _paired(one, last_call, told).bad]
    return [
        (cause, hint)
        for cause, (belongs, hint) in parts.items()
        if all(map(belongs, wrong)) and not all(map(belongs, right))
    ]


def _how_far(matched: Sequence[tuple[Told, Lifetime]], calls: Calls) -> float:
    """Share by which most reported durations differ from those between two calls, give or take what probes
    cost; infinite when too few objects had these calls.
    """
    first, last = calls
    off = []
    for told, one in matched:
        lasted_ns = one.until_ns(last) - one.until_ns(first)
        if len(one.calls) >= last and lasted_ns > 0:
            off.append(abs(told.duration_ns - lasted_ns) / lasted_ns)
    return median(off) if len(off) > len(matched) / 2 else float("inf")
