"""Events, one for each call: complete, and each as the call was."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from grader.checks.making import Why, failed, named, passed
from grader.exercise import Check
from grader.observation import Observation, RecordedCall
from grader.report.fields import Fields, report_fields
from grader.truth.calls import calls, recording, window
from grader.truth.counts import compare_table
from grader.verdict import Finding

FIELD_CAUSES = (
    ("fd", "fd_from_the_wrapper", "name the entry function syscall__... and take fd as its second argument"),
    ("pid", "pid_wrong", "the process is the upper half of bpf_get_current_pid_tgid(): >> 32"),
    ("ret", "ret_wrong", "ret is PT_REGS_RC(ctx) as it is, signed (s64): what makes another number of it?"),
    ("comm", "comm_wrong", "ask bpf_get_current_comm in the probe, not later in Python"),
)
"""Field of an event, the cause when it is wrong, and the hint."""
UNSIGNED = ("unsigned_return", "PT_REGS_RC is unsigned: put it into an s64 before you use it")
OUTER = "raw_tracepoint"
"""The recorder that notes a call first, and last."""
LONG_NS = 40_000_000
"""The ends of such a call are so far apart that a thread which loses its CPU between two programs at one end
is not taken to be at the other."""
LEAST_LONG = 20
"""Of so many the majority decides, which no single bad moment of the machine makes."""

Threads = dict[tuple[int, str], list[RecordedCall]]
"""(number of a thread, system call) -> its calls, in the order of entry."""


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

    Causes: `events_only_with_data`, `events_without_errors`, `only_newest_events`, `events_lost`,
    `last_events_missing`, `events_twice`, `events_of_others`, `field_never_set`, `wrong_clock`, `tid_wrong`,
    `ts_after_the_call`, `stale_start`, `ts_of_the_return`, `fd_from_the_wrapper`, `pid_wrong`,
    `unsigned_return`, `ret_wrong`, `comm_wrong`.
    """

    def check(seen: Observation) -> Finding:
        events = read(seen)
        missing = too_few(seen, events, syscalls)
        if missing is not None:
            return missing
        matched = match(seen, events, syscalls)
        if matched.without_event:
            return unset(events) or unmatched(seen, events, matched, syscalls)
        return too_many(matched) if matched.surplus else at_the_entry(matched) or fields_right(matched)

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
    if chosen := by_return_value(seen, events, expected) or newest_only(
        match(seen, events, syscalls), inside
    ):
        cause, hint = chosen
    shown = {name: min(got[name], count.high) for name, count in expected.items()}
    return compare_table(shown, expected, unit="events", cause=cause, hint=hint)


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
    if lowest:
        return (
            "events_only_with_data",
            "those that returned 0 or an error are missing: in returned() (TODO 3), what hangs on `ret`?",
        )
    return (
        "events_without_errors",
        "those that returned an error are missing: in returned() (TODO 3), what hangs on `ret`?",
    )


def newest_only(matched: Matched, inside: Iterable[RecordedCall]) -> Why | None:
    """Whether exactly the calls that ended last have an event: a full buffer loses those that come."""
    kept = [call.exit_ns for _, call in matched.pairs]
    here = {call for _, call in matched.pairs}
    lost = [call.exit_ns for call in inside if call not in here]
    if not kept or not lost or max(lost) >= min(kept):
        return None
    return (
        "only_newest_events",
        f"the last {len(kept)} calls have an event, and no earlier one: does tracer.py keep a list of limited"
        " length, or begin to read late?",
    )


def signed(ret: int) -> int:
    """A return value that may have been printed as an unsigned number."""
    return ret - 2**64 if ret >= 2**63 else ret


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
    threads = by_thread(seen, syscalls)
    taken: dict[RecordedCall, Reported] = {}
    twice, others = [], []
    for event in events:
        mine = threads.get((event.tid, event.syscall), [])
        index = bisect_right(mine, event.ts_ns, key=lambda one: one.entry_ns) - 1
        if index < 0 or event.ts_ns > (mine[index].exit_ns or event.ts_ns):
            others.append(event)
        elif taken.setdefault(mine[index], event) is not event:
            twice.append(event)
    inside = calls(seen, *syscalls, mechanism=OUTER).inside
    pairs = [(taken[call], call) for call in inside if call in taken]
    return Matched(pairs, len(inside), tuple(twice), tuple(others))


def by_thread(seen: Observation, syscalls: tuple[str, ...]) -> Threads:
    """The target's calls that may have an event, those at the edge too."""
    threads: Threads = defaultdict(list)
    recorded = calls(seen, *syscalls, mechanism=OUTER)
    for call in sorted((*recorded.inside, *recorded.edge), key=lambda one: one.entry_ns):
        threads[call.tid, call.syscall].append(call)
    return threads


def unset(events: list[Reported]) -> Finding | None:
    """A finding when what tells the calls apart is in no event."""
    return next((never_set(name) for name in ("tid", "ts_ns") if not any_has(events, name)), None)


def any_has(events: Iterable[Reported], field: str) -> bool:
    """Whether this field holds something in at least one of them."""
    return any(getattr(event, field) for event in events)


def never_set(field: str) -> Finding:
    """A field that nobody fills."""
    return failed(
        f"{field} is {'empty' if field == 'comm' else '0'} in every event",
        cause="field_never_set",
        hint="returned() in tracer.bpf.c fills the event (TODO 3); what only the entry knows is in `starts`",
    )


def unmatched(
    seen: Observation, events: list[Reported], matched: Matched, syscalls: tuple[str, ...]
) -> Finding:
    """Enough events, and their threads or times do not fit."""
    cause, hint = why_unmatched(seen, events, matched, by_thread(seen, syscalls))
    return failed(
        f"{matched.without_event} of {matched.calls} calls have no event whose tid and ts_ns fit the call",
        cause=cause,
        hint=hint,
        expected=matched.calls,
        got=len(matched.pairs),
        unit="events",
    )


def why_unmatched(seen: Observation, events: list[Reported], matched: Matched, threads: Threads) -> Why:
    """Another clock, another number than the thread's, a time behind the call, or an old entry's."""
    known = recording(seen).calls
    first = min((call.entry_ns for call in known if call.entry_ns), default=0)
    last = max((call.exit_ns for call in known), default=0)
    outside = sum(not first <= event.ts_ns <= last for event in events)
    if 2 * outside > len(events):
        return "wrong_clock", "ts_ns is bpf_ktime_get_ns() at the entry, in nanoseconds, not the time of day"
    unfit = (*matched.others, *matched.twice)
    if 2 * len(of_another_thread(matched.others, threads)) > len(unfit):
        return "tid_wrong", "`tid` in returned(): the thread is the lower half of bpf_get_current_pid_tgid()"
    if 2 * len(late(events, threads, window(seen)[0]).intersection(unfit)) > len(unfit):
        return (
            "ts_after_the_call",
            "ts_ns is later than the return: it is taken in entered(), and tracer.py only hands it on",
        )
    return "stale_start", "store the start at every entry, and delete it at the return"


def of_another_thread(events: Iterable[Reported], threads: Threads) -> list[Reported]:
    """Those whose `tid` made no such call, while the process of that `pid`, or the thread of that number,
    was in one.
    """
    called: Threads = defaultdict(list)
    for (tid, syscall), made in threads.items():
        for number in {tid, made[0].pid}:
            called[number, syscall] += made
    return [
        event
        for event in events
        if (event.tid, event.syscall) not in threads
        and any(
            call.entry_ns <= event.ts_ns <= (call.exit_ns or event.ts_ns)
            for call in called.get((event.pid, event.syscall), ())
        )
    ]


def late(events: Iterable[Reported], threads: Threads, ready_ns: int) -> set[Reported]:
    """Those before whose `ts_ns` as many calls of the thread had ended as it has events up to there.

    A right time, or an older one, lies before the end of its call, so that one end is wanting. A call that
    began before the tracer was there has no event, so its end is none of these.
    """
    mine: dict[tuple[int, str], list[Reported]] = defaultdict(list)
    for event in events:
        mine[event.tid, event.syscall].append(event)
    found: set[Reported] = set()
    for thread, told in mine.items():
        began = (call for call in threads.get(thread, ()) if call.entry_ns >= ready_ns)
        ends = sorted(call.exit_ns for call in began if call.exit_ns)
        told.sort(key=lambda event: event.ts_ns)
        numbered = enumerate(told, 1)
        found.update(event for number, event in numbered if bisect_left(ends, event.ts_ns) >= number)
    return found


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


def at_the_entry(matched: Matched) -> Finding | None:
    """A finding when most long calls have a `ts_ns` that lies at their return."""
    long = [(event, call) for event, call in matched.pairs if call.duration_ns >= LONG_NS]
    ended = [1 for event, call in long if call.exit_ns - event.ts_ns < event.ts_ns - call.entry_ns]
    if len(long) < LEAST_LONG or 2 * len(ended) <= len(long):
        return None
    return failed(
        f"in {len(ended)} of {len(long)} calls of {LONG_NS // 1_000_000} ms or more, ts_ns is at the return",
        cause="ts_of_the_return",
        hint="ts_ns is when the call began: returned() in tracer.bpf.c gets that from `starts` (TODO 3)",
    )


def fields_right(matched: Matched) -> Finding:
    """Every field but the duration, which has a check of its own."""
    for field, cause, hint in FIELD_CAUSES:
        wrong = [pair for pair in matched.pairs if getattr(pair[0], field) != getattr(pair[1], field)]
        if wrong and not any_has((event for event, _ in matched.pairs), field):
            return never_set(field)
        if wrong:
            event, call = wrong[0]
            if field == "ret" and all(one.ret in (rec.ret % 2**32, rec.ret % 2**64) for one, rec in wrong):
                cause, hint = UNSIGNED
            return failed(
                f"{field} is wrong in {len(wrong)} of {len(matched.pairs)} events; the first: {call.syscall}"
                f" of thread {call.tid}: {getattr(call, field)}, your event says {getattr(event, field)}",
                cause=cause,
                hint=hint,
                expected=getattr(call, field),
                got=getattr(event, field),
            )
    return passed(f"{matched.calls} events, each as the call was", expected=matched.calls, got=matched.calls)
