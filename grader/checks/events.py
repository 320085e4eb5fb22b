"""Events, one for each call: complete, and each as the call was."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from grader.checks.making import failed, named, passed
from grader.counts import compare_table
from grader.exercise import Check
from grader.observation import Observation, RecordedCall
from grader.report_fields import Fields, report_fields
from grader.truth import calls, recording
from grader.verdict import Finding

FIELD_CAUSES = (
    ("fd", "fd_from_the_wrapper", "name the entry function syscall__... and take fd as its second argument"),
    ("pid", "pid_wrong", "the process is the upper half of bpf_get_current_pid_tgid(): >> 32"),
    ("ret", "unsigned_return", "PT_REGS_RC is unsigned: put it into an s64 before you use it"),
    ("comm", "comm_wrong", "ask bpf_get_current_comm in the probe, not later in Python"),
)
"""Field of an event, the cause when it is wrong, and the hint."""


@dataclass(frozen=True)
class Reported:
    """One event of the report. Times are nanoseconds of the lab host's CLOCK_MONOTONIC."""

    syscall: str
    pid: int
    tid: int
    fd: int
    comm: str
    ts_ns: int
    ret: int
    duration_ns: int


def read_event(event: Fields) -> Reported:
    """One entry of a list of events. Raises ReportProblem."""
    return Reported(
        syscall=event.text("syscall"),
        pid=event.integer("pid"),
        tid=event.integer("tid"),
        fd=event.integer("fd", high=2**64 - 1),
        comm=event.text("comm"),
        ts_ns=event.integer("ts_ns"),
        # An unsigned return value is a mistake with a cause of its own.
        ret=event.integer("ret", high=2**64 - 1),
        duration_ns=event.integer("duration_ns"),
    )


def events_match_calls(
    read: Callable[[Observation], list[Reported]],
    *syscalls: str,
    name: str = "events_match_calls",
    title: str = "there is one event for each call, with its pid, tid, fd, comm and return value",
) -> Check:
    """A check that each of the target's calls has its event, that there are no others, and that nothing in
    them is wrong but the duration.

    Causes: `events_lost`, `last_events_missing`, `events_twice`, `events_of_others`, `wrong_clock`,
    `stale_start`, `fd_from_the_wrapper`, `pid_wrong`, `unsigned_return`, `comm_wrong`.
    """

    def check(seen: Observation) -> Finding:
        events = read(seen)
        missing = too_few(seen, events, syscalls)
        if missing is not None:
            return missing
        matched = match(seen, events, syscalls)
        if matched.without_event:
            return unmatched(seen, events, matched)
        return too_many(matched) if matched.surplus else fields_right(matched)

    return named(name, title, check)


def too_few(seen: Observation, events: list[Reported], syscalls: tuple[str, ...]) -> Finding | None:
    """A finding when there are fewer events than calls."""
    got = Counter(event.syscall for event in events)
    expected = {name: calls(seen, name).count for name in syscalls}
    if all(got[name] >= count.inside for name, count in expected.items()):
        return None
    newest = max((event.ts_ns + max(0, event.duration_ns) for event in events), default=0)
    inside = calls(seen, *syscalls).inside
    before = sum(call.exit_ns <= newest for call in inside)
    # A tracer may say itself how many found no room.
    lost = report_fields(seen).values.get("lost", 0)
    cause, hint = "events_lost", "size of the buffer in tracer.bpf.c; how often tracer.py reads it (every_s)"
    # Two CPUs may write two events in the other order than their calls ended: not all before must be there.
    if not lost and events and before - len(events) <= (len(inside) - len(events)) / 10:
        cause = "last_events_missing"
        hint = "read the buffer once more after wait_for_stop() (tracer.py); too small a one looks the same"
    shown = {name: min(got[name], count.high) for name, count in expected.items()}
    return compare_table(shown, expected, unit="events", cause=cause, hint=hint)


@dataclass(frozen=True)
class Matched:
    """Events and the recorder's calls, one to one."""

    pairs: list[tuple[Reported, RecordedCall]]
    calls: int
    twice: tuple[Reported, ...] = ()
    """Events of a call that has one already."""
    others: tuple[Reported, ...] = ()
    """Events that belong to no call of the target."""

    @property
    def without_event(self) -> int:
        """Calls that have none."""
        return self.calls - len(self.pairs)

    @property
    def surplus(self) -> int:
        """Events that should not be there."""
        return len(self.twice) + len(self.others)


def match(seen: Observation, events: Iterable[Reported], syscalls: tuple[str, ...]) -> Matched:
    """Pair each event with the call of the same thread during which it says it began.

    The raw tracepoint runs before every kprobe of a call and after its kretprobe: a right time lies within.
    """
    threads: dict[tuple[int, str], list[RecordedCall]] = defaultdict(list)
    recorded = calls(seen, *syscalls, mechanism="raw_tracepoint")
    for call in sorted((*recorded.inside, *recorded.edge), key=lambda one: one.entry_ns):
        threads[call.tid, call.syscall].append(call)
    taken: dict[RecordedCall, Reported] = {}
    twice, others = [], []
    for event in events:
        mine = threads.get((event.tid, event.syscall), [])
        index = bisect_right(mine, event.ts_ns, key=lambda one: one.entry_ns) - 1
        if index < 0 or event.ts_ns > (mine[index].exit_ns or event.ts_ns):
            others.append(event)
        elif taken.setdefault(mine[index], event) is not event:
            twice.append(event)
    pairs = [(taken[call], call) for call in recorded.inside if call in taken]
    return Matched(pairs, len(recorded.inside), tuple(twice), tuple(others))


def unmatched(seen: Observation, events: list[Reported], matched: Matched) -> Finding:
    """Enough events, and their times do not fit: another clock, or an old entry's."""
    known = recording(seen).calls
    first = min((call.entry_ns for call in known if call.entry_ns), default=0)
    last = max((call.exit_ns for call in known), default=0)
    outside = sum(not first <= event.ts_ns <= last for event in events)
    cause, hint = "stale_start", "store the start at every entry, and delete it at the return"
    if 2 * outside > len(events):
        cause = "wrong_clock"
        hint = "ts_ns is bpf_ktime_get_ns() at the entry, in nanoseconds, not the time of day"
    return failed(
        f"{matched.without_event} of {matched.calls} calls have no event whose ts_ns lies within the call",
        cause=cause,
        hint=hint,
        expected=matched.calls,
        got=len(matched.pairs),
        unit="events",
    )


def too_many(matched: Matched) -> Finding:
    """Every call has its event, and there are more events."""
    if len(matched.twice) > len(matched.others):
        cause, hint = "events_twice", "one event for each call, at its return: where else do you send one?"
        first = matched.twice[0]
        what = "are of calls that have one already"
    else:
        cause, hint = (
            "events_of_others",
            "in tracer.bpf.c, in_target() must be asked before the event is sent, too",
        )
        first, what = matched.others[0], "belong to no call of the container"
    return failed(
        f"{matched.surplus} events too many: most {what}; the first: {first.syscall} of thread {first.tid}",
        cause=cause,
        hint=hint,
        expected=matched.calls,
        got=matched.calls + matched.surplus,
        unit="events",
    )


def fields_right(matched: Matched) -> Finding:
    """Every field but the duration, which has a check of its own."""
    for field, cause, hint in FIELD_CAUSES:
        wrong = [pair for pair in matched.pairs if getattr(pair[0], field) != getattr(pair[1], field)]
        if wrong:
            event, call = wrong[0]
            return failed(
                f"{field} is wrong in {len(wrong)} of {len(matched.pairs)} events; the first: {call.syscall}"
                f" of thread {call.tid}: {getattr(call, field)}, your event says {getattr(event, field)}",
                cause=cause,
                hint=hint,
                expected=getattr(call, field),
                got=getattr(event, field),
            )
    return passed(f"{matched.calls} events, each as the call was", expected=matched.calls, got=matched.calls)
