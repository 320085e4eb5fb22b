"""what a descriptor stands for is looked up once and kept, although its number later stands for another

check when tracer.bpf.c or tracer.py asks what a descriptor stands for (TODO 2): at every call
"""

from __future__ import annotations

from collections.abc import Callable

from grader.checks.call_table.table import CALLS
from grader.mistakes.filters import the_container
from grader.observation import Observation, RecordedCall

from ..traffic import TABLE


def under(seen: Observation) -> Callable[[RecordedCall], str]:
    """The row in which it ends up."""
    first: dict[tuple[int, int], str] = {}

    def row(call: RecordedCall) -> str:
        # The calls come in the order in which they began.
        return f"{first.setdefault((call.pid, call.fd), TABLE.kind(call))}.{call.syscall}"

    return row


numbers = TABLE.counting(CALLS, the_container, under=under)
