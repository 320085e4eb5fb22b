"""Events, one for each call: complete, and each as the call was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from grader.checks.reported_events import (
    Matched,
    Reported,
    Threads,
    any_has,
    by_thread,
    late,
    match,
    of_another_thread,
    signed,
)
from grader.exercise import Check
from grader.found import Found, Why, failed, passed, why
from grader.observation import Observation, RecordedCall
from grader.report.fields import report_fields
from grader.sentences import said_in
from grader.truth.calls import calls, recording, window
from grader.truth.counts import compare_table

FIELD_CAUSES = (
    ("fd", "fd_from_the_wrapper"),
    ("pid", "pid_wrong"),
    ("ret", "ret_wrong"),
    ("comm", "comm_wrong"),
)
"""Field of an event, and the cause when it is wrong."""
LONG_NS = 40_000_000
"""The ends of such a call are so far apart that a thread which loses its CPU between two programs at one end
is not taken to be at the other."""
LEAST_LONG = 20
"""Of so many the majority decides, which no single bad moment of the machine makes."""


def events_match_calls(
    read: Callable[[Observation], list[Reported]],
    *syscalls: str,
    name: str = "events_match_calls",
    title: str = "there is one event for each call, with its pid, tid, fd, comm and return value",
) -> Check:
    """A check that each of the target's calls has its event, that there are no others, and that nothing in
    them is wrong but the duration.
    """

    def run(seen: Observation) -> Found:
        events = read(seen)
        missing = too_few(seen, events, syscalls)
        if missing is not None:
            return missing
        matched = match(seen, events, syscalls)
        if matched.without_event:
            return unset(events) or unmatched(seen, events, matched, syscalls)
        return too_many(matched) if matched.surplus else at_the_entry(matched) or fields_right(matched)

    return Check(name, title, run, said_in("events"))


def too_few(seen: Observation, events: list[Reported], syscalls: tuple[str, ...]) -> Found | None:
    """Something when there are fewer events than calls."""
    got = Counter(event.syscall for event in events)
    expected = {name: calls(seen, name).count for name in syscalls}
    if all(got[name] >= count.inside for name, count in expected.items()):
        return None
    inside = calls(seen, *syscalls).inside
    chosen = (
        by_return_value(seen, events, expected)
        or newest_only(match(seen, events, syscalls), inside)
        or lost(seen, events, inside)
    )
    shown = {name: min(got[name], count.high) for name, count in expected.items()}
    return compare_table(shown, expected, unit="events", whys=[chosen])


def lost(seen: Observation, events: list[Reported], inside: tuple[RecordedCall, ...]) -> Why:
    """Some found no room in the buffer, or nobody read the last ones."""
    newest = max((event.ts_ns + max(0, event.duration_ns) for event in events), default=0)
    before = sum(call.exit_ns <= newest for call in inside)
    # A tracer may say itself how many found no room.
    known = report_fields(seen).values.get("lost", 0)
    # Two CPUs may write two events in the other order than their calls ended: not all before must be there.
    if not known and events and before - len(events) <= (len(inside) - len(events)) / 10:
        return why("last_events_missing")
    return why("events_lost")


def by_return_value(seen: Observation, events: list[Reported], expected: Iterable[str]) -> Why | None:
    """Whether exactly those calls have no event that returned too little: nothing was lost then."""
    got = Counter(event.syscall for event in events)
    lowest = min(1, min((signed(event.ret) for event in events), default=-1))
    if lowest < 0:
        return None
    kept = {
        name: calls(seen, name).where(lambda call: call.ret >= lowest or not call.exit_ns).count
        for name in expected
    }
    if not all(count.admits(got[name]) for name, count in kept.items()):
        return None
    return why("events_only_with_data" if lowest else "events_without_errors")


def newest_only(matched: Matched, inside: Iterable[RecordedCall]) -> Why | None:
    """Whether exactly the calls that ended last have an event: a full buffer loses those that come."""
    kept = [call.exit_ns for _, call in matched.pairs]
    here = {call for _, call in matched.pairs}
    without = [call.exit_ns for call in inside if call not in here]
    if not kept or not without or max(without) >= min(kept):
        return None
    return why("only_newest_events", number=len(kept))


def unset(events: list[Reported]) -> Found | None:
    """Something when what tells the calls apart is in no event."""
    return next((never_set(name) for name in ("tid", "ts_ns") if not any_has(events, name)), None)


def never_set(field: str) -> Found:
    """A field that nobody fills."""
    return failed(why("field_never_set", field=field, nothing="empty" if field == "comm" else "0"))


def unmatched(
    seen: Observation, events: list[Reported], matched: Matched, syscalls: tuple[str, ...]
) -> Found:
    """Enough events, and their threads or times do not fit."""
    name = why_unmatched(seen, events, matched, by_thread(seen, syscalls))
    said = why(name, missing=matched.without_event, calls=matched.calls)
    return failed(said, expected=matched.calls, got=len(matched.pairs), unit="events")


def why_unmatched(seen: Observation, events: list[Reported], matched: Matched, threads: Threads) -> str:
    """Another clock, another number than the thread's, a time behind the call, or an old entry's."""
    known = recording(seen).calls
    first = min((call.entry_ns for call in known if call.entry_ns), default=0)
    last = max((call.exit_ns for call in known), default=0)
    outside = sum(not first <= event.ts_ns <= last for event in events)
    if 2 * outside > len(events):
        return "wrong_clock"
    unfit = (*matched.others, *matched.twice)
    if 2 * len(of_another_thread(matched.others, threads)) > len(unfit):
        return "tid_wrong"
    if 2 * len(late(events, threads, window(seen)[0]).intersection(unfit)) > len(unfit):
        return "ts_after_the_call"
    return "stale_start"


def too_many(matched: Matched) -> Found:
    """Every call has its event, and there are more events."""
    again = len(matched.twice) > len(matched.others)
    first = (matched.twice if again else matched.others)[0]
    return failed(
        why(
            "events_twice" if again else "events_of_others",
            surplus=matched.surplus,
            syscall=first.syscall,
            tid=first.tid,
        ),
        expected=matched.calls,
        got=matched.calls + matched.surplus,
        unit="events",
    )


def at_the_entry(matched: Matched) -> Found | None:
    """Something when most long calls have a `ts_ns` that lies at their return."""
    long = [(event, call) for event, call in matched.pairs if call.duration_ns >= LONG_NS]
    ended = [1 for event, call in long if call.exit_ns - event.ts_ns < event.ts_ns - call.entry_ns]
    if len(long) < LEAST_LONG or 2 * len(ended) <= len(long):
        return None
    return failed(why("ts_of_the_return", late=len(ended), long=len(long), long_ms=LONG_NS // 1_000_000))


def fields_right(matched: Matched) -> Found:
    """Every field but the duration, which has a check of its own."""
    for field, cause in FIELD_CAUSES:
        wrong = [pair for pair in matched.pairs if getattr(pair[0], field) != getattr(pair[1], field)]
        if wrong and not any_has((event for event, _ in matched.pairs), field):
            return never_set(field)
        if wrong:
            event, call = wrong[0]
            if field == "ret" and all(one.ret in (rec.ret % 2**32, rec.ret % 2**64) for one, rec in wrong):
                cause = "unsigned_return"
            right, got = getattr(call, field), getattr(event, field)
            said = why(
                cause,
                field=field,
                wrong=len(wrong),
                all=len(matched.pairs),
                syscall=call.syscall,
                tid=call.tid,
                right=right,
                got=got,
            )
            return failed(said, expected=right, got=got)
    return passed(f"{matched.calls} events, each as the call was", expected=matched.calls, got=matched.calls)
