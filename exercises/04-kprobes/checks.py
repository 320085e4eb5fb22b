"""Exercise 4: what must be true of a tracer of five system calls in one container."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median

from grader.checks import (
    attached,
    clean_exit,
    durations,
    loaded,
    own_tracing,
    ran,
    ready,
    report_readable,
    through_maps,
)
from grader.checks.call_table.column import column_right
from grader.checks.call_table.explain import (
    attached_twice,
    by_a_factor,
    data_never_counted,
    empty_rows,
    few_of_others,
    in_another_row,
    lost,
    never_counted_but_sent,
    otherwise,
    some_right,
    without_start,
)
from grader.checks.call_table.table import CALLS, WITH_DATA, BySyscall
from grader.checks.due import until_answered
from grader.checks.events import events_match_calls
from grader.checks.reported_events import Reported, read_event
from grader.exercise import Check, Expected
from grader.found import Found, passed
from grader.mistakes.filters import the_container
from grader.mistakes.results import not_negative
from grader.observation import Observation
from grader.place import kprobe, kretprobe
from grader.report.fields import Fields, report_fields
from grader.truth.calls import calls
from grader.truth.durations import Event, Plateau

from .traffic import FAILING_CALLS, PLATEAUS, SHORT, SYSCALLS

TABLE = BySyscall("counts", SYSCALLS)
ENTRIES = tuple(map(kprobe, SYSCALLS))
PLACES = tuple(place for name in SYSCALLS for place in (kprobe(name), kretprobe(name)))
PARKED = Plateau("the waits over 1 s", 1_000_000_000, 2**63, least=0)
"""The parked threads' waits: a duration kept in 32 bits shows there. Judged, never asked for as evidence."""
GRADED = {"epoll_wait": (*PLATEAUS, PARKED)}
ENDS_COUNTED = TABLE.counting(WITH_DATA, the_container, not_negative, rows=SHORT)
BUT_EVENTS = ("lost_on_the_way",)
"""Counts are kept in maps here: whether events are lost has a check of its own."""


def read_report(report: Fields) -> list[Reported]:
    """All of it; the events are handed back."""
    TABLE.read(report, CALLS)
    TABLE.read(report, WITH_DATA)
    return [read_event(event) for event in report.items("events")]


def events_of(seen: Observation) -> list[Reported]:
    """The events of a run's report."""
    return read_report(report_fields(seen))


def reported_waits(seen: Observation) -> Iterable[Event]:
    """The events as the durations' check wants them."""
    return [Event(one.tid, one.syscall, one.ts_ns, one.duration_ns) for one in events_of(seen)]


def short_calls(seen: Observation) -> Found:
    """The medians of calls that are too short to grade."""
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
    through_maps(*PLACES),
    ran(*PLACES, due=until_answered("writev", {place: (place.where,) for place in PLACES})),
    column_right(
        TABLE,
        CALLS,
        never_counted_but_sent(events_of, *SYSCALLS),
        attached_twice(ENTRIES, rows=SHORT),
        in_another_row,
        empty_rows,
        lost(but=BUT_EVENTS),
        some_right,
        by_a_factor,
        otherwise("rows_wrong"),
        name="calls_per_syscall",
        title="every call of the container is counted once, and no other",
    ),
    column_right(
        TABLE,
        WITH_DATA,
        data_never_counted(events_of, *SYSCALLS),
        in_another_row,
        empty_rows,
        without_start(events_of, *SYSCALLS, but=BUT_EVENTS),
        few_of_others(TABLE, FAILING_CALLS[0], unless=ENDS_COUNTED),
        otherwise("data_wrong"),
        name="calls_with_data",
        title="a call returned data when its return value is above 0",
    ).needing("calls_per_syscall"),
    events_match_calls(events_of, *SYSCALLS).needing("calls_with_data"),
    durations(
        reported_waits,
        GRADED["epoll_wait"],
        "epoll_wait",
        name="waits_per_plateau",
        title="waits in epoll_wait are as long as the recorder says, event by event",
    ).needing("events_match_calls"),
    Check(
        "short_calls",
        "calls of microseconds, beside the recorder's: shown, never graded",
        short_calls,
        needs=("events_match_calls",),
    ),
)


def summary(seen: Observation) -> Expected:
    """What `lab run` shows as really sent."""
    return {
        TABLE.path(column, row): count
        for column in (CALLS, WITH_DATA)
        for row, count in TABLE.truth(seen, column).items()
    }
