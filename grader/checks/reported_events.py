"""Events as a tracer reports them, and the recorder's calls that they belong to."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from grader.observation import Observation, RecordedCall
from grader.report.fields import Fields
from grader.truth.calls import calls

OUTER = "raw_tracepoint"
"""The recorder that notes a call first, and last."""

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


def any_has(events: Iterable[Reported], field: str) -> bool:
    """Whether this field holds something in at least one of them."""
    return any(getattr(event, field) for event in events)


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
