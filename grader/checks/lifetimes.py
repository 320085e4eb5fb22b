"""Events, one for each object of the traced program: complete, and each as its object was."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import median

from grader.checks.durations import found_in
from grader.checks.reported_objects import (
    NEAR_NS,
    Matched,
    Read,
    Told,
    Truth,
    match,
    not_when_made,
    paired,
)
from grader.exercise import Check
from grader.found import Found, Why, failed, first_fitting, passed, why
from grader.observation import Observation
from grader.report.fields import report_fields
from grader.sentences import said_in, unsaid
from grader.truth.durations import NOISE_FLOOR_NS, Plateau, Standing, judge_plateaus
from grader.truth.lifetimes import Lifetime, Lifetimes

LOWER_HALF = 2**32 - 1
OTHER_RELATIVE = 0.25
ALIKE = 0.001
"""Share by which two ways to measure may differ and still be one as likely as the other."""

Calls = tuple[int, int]
"""Two calls of an object, in their order; 0 is its making."""
Parts = Mapping[str, Callable[[Lifetime], bool]]
"""Cause -> whether an object is one of those that a tracer with this mistake treats in its own way."""


def events_match_objects(
    read: Read, truth: Truth, what: str, *, name: str, title: str, parts: Parts | None = None
) -> Check:
    """A check that each object of the target has its event, and that there are no others. `what` names one
    object in sentences, `parts` the objects that a tracer may leave out; the exercise says what of them.
    """

    def run(seen: Observation) -> Found:
        events, lives = read(seen), truth(seen)
        matched = match(events, lives.inside)
        edge = match(matched.surplus, lives.edge)
        total, found = len(lives.inside), len(matched.pairs)
        if matched.without_event:
            surplus = f"; {len(edge.surplus)} events fit none" if edge.surplus else ""
            cause = _why_missing(seen, events, lives, matched, parts or {})
            values = {"missing": len(matched.without_event), "all": total, "surplus": surplus}
        elif edge.surplus:
            cause, found = _why_too_many(edge, lives), found + len(edge.surplus)
            values = {"surplus": len(edge.surplus)}
        elif _most(elsewhere := not_when_made(events, lives.inside + lives.edge), events):
            cause, values = "not_when_made", {"off": len(elsewhere), "all": len(events)}
        else:
            said = f"{found} events, one for each {what}"
            return passed(said, expected=total, got=found, unit="events")
        return failed(Why(cause, {**values, "what": what}), expected=total, got=found, unit="events")

    return Check(name, title, run, said_in("objects") | unsaid(*(parts or ())))


def _why_too_many(edge: Matched, lives: Lifetimes) -> str:
    """Each object has its event, and there are more."""
    addresses = {one.address for one in lives.inside}
    again = 2 * sum(one.address in addresses for one in edge.surplus) > len(edge.surplus)
    return "events_twice" if again else "events_of_others"


def _why_missing(
    seen: Observation, events: Sequence[Told], lives: Lifetimes, matched: Matched, parts: Parts
) -> str:
    """Objects without an event."""
    if not events:
        return "no_events"
    return (
        _foreign_events(events, lives.inside)
        or _wrong_times(events, lives, matched)
        or _left_out(events, matched, parts)
        or _lost_events(seen, events, matched)
    )


def _most(some: Sequence[Told], events: Sequence[Told]) -> bool:
    return 2 * len(some) > len(events)


def _foreign_events(events: Sequence[Told], objects: Sequence[Lifetime]) -> str:
    """Most events are of no time, or of no object, of this run."""
    first, last = objects[0].made.at_ns - NEAR_NS, objects[-1].calls[-1].at_ns
    if _most([one for one in events if not first <= one.ts_ns <= last], events):
        return "wrong_clock"
    known = {one.address for one in objects}
    unknown = [one for one in events if one.address not in known]
    if not _most(unknown, events):
        return ""
    lower = {address & LOWER_HALF for address in known}
    cut = _most([one for one in unknown if one.address in lower], events)
    return "kept_in_32_bits" if cut else "wrong_key"


def _wrong_times(events: Sequence[Told], lives: Lifetimes, matched: Matched) -> str:
    """The addresses are right, and the times are those of something else."""
    if _most(not_when_made(events, lives.inside + lives.edge), events):
        return "not_when_made_and_missing"
    return "stale_start" if len(matched.surplus) >= len(matched.without_event) // 2 > 0 else ""


def _left_out(events: Sequence[Told], matched: Matched, parts: Parts) -> str:
    """All events are right, and those that are not there have something in common."""
    told = [one for _, one in matched.pairs]
    for cause, belongs in parts.items():
        if all(map(belongs, matched.without_event)) and not any(map(belongs, told)):
            return cause
    shared = {one.address for one in matched.without_event} <= {one.address for one in events}
    alone = shared and len({one.address for one in events}) == len(events)
    return "one_for_each_address" if alone else ""


def _lost_events(seen: Observation, events: Sequence[Told], matched: Matched) -> str:
    """Some did not arrive, or not in time."""
    newest = max(one.ts_ns + max(0, one.duration_ns) for one in events)
    late = sum(one.calls[-1].at_ns > newest for one in matched.without_event if one.calls)
    in_time = report_fields(seen).values.get("lost", 0) or late != len(matched.without_event)
    return "events_lost" if in_time else "last_events_missing"


def object_durations(
    read: Read,
    truth: Truth,
    last_call: int,
    plateaus: Sequence[Plateau],
    *,
    name: str,
    title: str,
    others: Mapping[str, Calls] | None = None,
    parts: Parts | None = None,
) -> Check:
    """A check of each event's duration, from the object's making to its `last_call`th call (counted from 1),
    against the recorders', by the rule of `grader.truth.durations`.

    `others`: cause -> between which of its calls a tracer may have measured instead; 0 is the making.
    `parts`: said where all that are off are of these, and others are right. The exercise says what of both.
    """

    def pooled(runs: Sequence[Observation]) -> Found:
        matched = [pair for seen in runs for pair in match(read(seen), truth(seen).inside).pairs]
        pairs = [paired(one, last_call, told) for told, one in matched]
        results = judge_plateaus(pairs, plateaus, pooled=len(runs) > 1)
        fitting: tuple[Why, ...] = ()
        if any(one.standing is Standing.FAIL for one in results):
            fitting = first_fitting(
                _measured_elsewhere(matched, others or {}, (0, last_call)),
                _off_in_part(matched, last_call, parts or {}),
            )
        return found_in(results, NOISE_FLOOR_NS, *fitting)

    causes = said_in("durations") | unsaid(*(others or ()), *(parts or ()))
    return Check(name, title, lambda seen: pooled([seen]), causes, pooled=pooled)


def _measured_elsewhere(
    matched: Sequence[tuple[Told, Lifetime]], others: Mapping[str, Calls], right: Calls
) -> list[Why]:
    """The other calls that the durations are from and to: the nearest ones, and nearer than the right
    ones.
    """
    far = {cause: _how_far(matched, other) for cause, other in others.items()}
    most = min([OTHER_RELATIVE, _how_far(matched, right) / 2, 2 * min(far.values(), default=0.0) + ALIKE])
    return [why(cause) for cause in others if far[cause] < most]


def _off_in_part(matched: Sequence[tuple[Told, Lifetime]], last_call: int, parts: Parts) -> list[Why]:
    """The objects that alone have wrong durations."""
    right = [one for told, one in matched if not paired(one, last_call, told).bad]
    wrong = [one for told, one in matched if paired(one, last_call, told).bad]
    return [
        why(cause)
        for cause, belongs in parts.items()
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
