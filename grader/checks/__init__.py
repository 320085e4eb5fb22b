"""The checks that any exercise can list, and what its own checks are written with.

A check is a function from an Observation to a Finding. Its name is the check's name, the first line of its
docstring the sentence the learner reads; both are filled into the finding by `grader.judge`, so a check
leaves them out:

    def reads_counted(seen: Observation) -> Finding:
        \"\"\"every readv of the container is counted once\"\"\"
        got = report_fields(seen).fields("counts").count("readv")
        return compare(got, calls(seen, "readv").count, what="readv calls", unit="calls")

    CHECKS = (
        loaded,                                            # it compiles, and the kernel takes it
        ready,                                             # it says READY
        attached(kprobe("readv"), kretprobe("readv")),     # where the exercise asks
        clean_exit,                                        # it ends on SIGINT and leaves nothing behind
        ran(kprobe("readv"), kretprobe("readv")),          # its programs ran for every call
        report_readable(read_report),                      # the report has the fields the exercise asks for
        reads_counted,
        durations(read_events, PLATEAUS, "epoll_wait"),    # waits are right, event by event
    )

Order and skipping: checks run in the order of the list. Some are *gates*, as `loaded` and `attached`: when
one fails, everything after it is skipped. Any other check fails alone; `needs("reads_counted")(check)` makes
it skip when the named check failed, `gate(check)` makes it a gate. `before_traffic(check)` is for one that
needs no traffic, as `attached`: it is asked as soon as the tracer is READY, and when it fails, no traffic is
sent. Then what stands behind the last gate is skipped: it compares numbers.

Finding: `passed(message, ...)` and `failed(message, cause=..., hint=..., expected=..., got=...)`, or
`grader.truth.counts`' `compare` (one number) and `compare_table` (a number per key). Numbers that are right
may lie between `Count.inside` and `Count.high`: calls at the edge of the window may be counted or not.

Calls by kind of descriptor: `grader.checks.descriptor_rows.Rows` reads and counts them; the checks for them
are in `checks.rows`, `checks.requests` and `checks.quotients`.
"""

from __future__ import annotations

from grader.checks.attached import Place, attached, how_often, kprobe, kretprobe, plain_function
from grader.checks.durations import durations
from grader.checks.exit import clean_exit
from grader.checks.loading import loaded, ready
from grader.checks.making import before_traffic, failed, gate, named, needs, passed, undecided
from grader.checks.ran import lost_returns, ran
from grader.checks.readable import report_readable

__all__ = [
    "Place",
    "attached",
    "before_traffic",
    "clean_exit",
    "durations",
    "failed",
    "gate",
    "how_often",
    "kprobe",
    "kretprobe",
    "loaded",
    "lost_returns",
    "named",
    "needs",
    "passed",
    "plain_function",
    "ran",
    "ready",
    "report_readable",
    "undecided",
]
