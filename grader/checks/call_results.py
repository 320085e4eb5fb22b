"""Wrong ideas of what a call's result says, for exercises that count calls in rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from grader.checks.descriptor_rows import Rows
from grader.exercise import Misconception, Numbers
from grader.observation import Observation, RecordedCall
from grader.truth.calls import calls

EAGAIN = -11
"""Nothing there yet: the error that a server gets most."""

Keep = Callable[[RecordedCall], bool]

NOT_COUNTED: dict[str, tuple[str, Keep]] = {
    "errors_left_out": (
        """calls that failed are not counted

        a call that fails is a call: what does tracer.bpf.c do at the exit before it adds to `calls`?
        """,
        lambda call: call.ret >= 0,
    ),
    "ends_left_out": (
        """calls that returned 0, the ends of connections, are not counted

        a call that returns 0 is a call: what does tracer.bpf.c do at the exit before it adds to `calls`?
        """,
        lambda call: call.ret != 0,
    ),
    "only_data_counted": (
        """only calls that moved data are counted

        see where tracer.bpf.c adds to `calls`: the condition (TODO 3) belongs to `with_data` alone
        """,
        lambda call: call.ret > 0,
    ),
}
"""Cause -> (docstring, which calls are in `calls`)."""
TAKEN_FOR_DATA: dict[str, tuple[str, Keep]] = {
    "errors_counted_as_data": (
        """an error, a negative number, is taken for data

        look at the condition before `with_data` in tracer.bpf.c (TODO 3): on which side of 0 is an error?
        """,
        lambda call: call.ret != 0,
    ),
    "eagain_alone_is_an_error": (
        """of the errors only EAGAIN (-11) is taken for one

        look at the condition before `with_data` in tracer.bpf.c (TODO 3): every negative number is an error
        """,
        lambda call: call.ret not in (0, EAGAIN),
    ),
    "all_but_eagain_is_data": (
        """every result but EAGAIN (-11) is taken for data: other errors, and ends of connections too

        look at the condition before `with_data` in tracer.bpf.c (TODO 3): which results say how many bytes?
        """,
        lambda call: call.ret != EAGAIN,
    ),
    "ends_counted_as_data": (
        """a return of 0, the end of a connection, is taken for data

        look at the condition before `with_data` in tracer.bpf.c (TODO 3): on which side is 0?
        """,
        lambda call: call.ret >= 0,
    ),
    "every_return_is_data": (
        """every return is taken for data, errors and ends of connections too

        tracer.bpf.c needs a condition before `with_data` (TODO 3): what does args->ret say?
        """,
        lambda call: True,
    ),
}
"""Cause -> (docstring, which calls are in `with_data`)."""


def result_misconceptions(rows: Rows) -> dict[str, Misconception]:
    """By cause: these, for an exercise whose report has the tables `calls` and `with_data`."""

    def bytes_for_calls(seen: Observation) -> Numbers:
        """the bytes that were moved are added up, not the calls

        look what tracer.bpf.c adds to `with_data` (TODO 3): 1 for each call
        """
        moved: Counter[str] = Counter()
        for call in calls(seen, *rows.syscalls, returned_data=True).inside:
            moved[rows.row(call)] += call.ret
        return rows.table("with_data", moved)

    return {
        **{cause: _made(rows, "calls", *told) for cause, told in NOT_COUNTED.items()},
        "bytes_for_calls": bytes_for_calls,
        **{cause: _made(rows, "with_data", *told) for cause, told in TAKEN_FOR_DATA.items()},
    }


def _made(rows: Rows, field: str, said: str, keep: Keep) -> Misconception:
    def misconception(seen: Observation) -> Numbers:
        return rows.numbers(seen, field, keep=keep)

    misconception.__doc__ = said
    return misconception
