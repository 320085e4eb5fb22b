"""The checks that any exercise can list.

A check is a value, `grader.exercise.Check`: its name, its title (the sentence that the learner reads), and a
pure function from an Observation to what it Found. An exercise's list reads like a table:

    TABLE = BySyscall("counts", ("readv",))

    CHECKS = (
        loaded,                                            # it compiles, and the kernel takes it
        ready,                                             # it says READY
        attached(kprobe("readv"), kretprobe("readv")),     # where the exercise asks
        clean_exit,                                        # it ends on SIGINT and leaves nothing behind
        ran(kprobe("readv"), kretprobe("readv")),          # its programs ran for every call
        report_readable(read_report),                      # the report has the fields the exercise asks for
        column_right(TABLE, CALLS, by_a_factor, otherwise("rows_wrong"), name="calls", title="..."),
        durations(read_events, PLATEAUS, "epoll_wait").needing("calls"),   # waits are right, event by event
        Check("odd", "no number is odd", odd, causes=unsaid("number_odd")),  # one of its own
    )

Order and skipping: checks run in the order of the list. Some are gates, as `loaded` and `attached`: when one
fails, everything after it is skipped. Any other check fails alone; `.needing("calls")` makes it skip when
the named check did not pass. A check with `before_traffic`, as `attached`, needs no traffic: it is asked as
soon as the tracer is READY, and when it fails, no traffic is sent. Then what comes after the last gate is
skipped: it compares numbers.

Found: `passed(...)`, `failed(why("cause", value=...), expected=..., got=...)`, or `grader.truth.counts`'
`compare` (one number) and `compare_table` (a number per key). Numbers that are right may lie between
`Count.inside` and `Count.high`: calls at the edge of the window may be counted or not.

A cause is a name; what a person reads of it is in `grader/sentences/`, or in the exercise's own
`sentences.toml`, which goes first. A check declares all its causes.
"""

from __future__ import annotations

from grader.checks.attached import attached
from grader.checks.durations import durations
from grader.checks.exit import clean_exit
from grader.checks.loading import loaded, ready
from grader.checks.own_maps import through_maps
from grader.checks.own_tracing import own_tracing
from grader.checks.ran import ran
from grader.checks.readable import report_readable

__all__ = [
    "attached",
    "clean_exit",
    "durations",
    "loaded",
    "own_tracing",
    "ran",
    "ready",
    "report_readable",
    "through_maps",
]
