"""both ports are counted as HTTP

check kind_of() in tracer.py (TODO 4): each of the two ports has a protocol of its own
"""

from __future__ import annotations

from collections.abc import Callable

from grader.checks.call_table.table import CALLS
from grader.mistakes.filters import the_container
from grader.observation import Observation, RecordedCall

from ..traffic import TABLE


def under(seen: Observation) -> Callable[[RecordedCall], str]:
    """The row in which it ends up."""
    return lambda call: f"http.{call.syscall}" if TABLE.kind(call) in TABLE.protocols else TABLE.row(call)


numbers = TABLE.counting(CALLS, the_container, under=under)
