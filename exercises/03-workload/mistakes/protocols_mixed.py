"""every internet socket is counted as HTTP, whatever its port

check kind_of() in tracer.py (TODO 4): what names the protocol is the socket's own port
"""

from __future__ import annotations

from collections.abc import Callable

from grader.checks.call_table.table import CALLS
from grader.mistakes.filters import the_container
from grader.observation import Observation, RecordedCall

from ..traffic import TABLE


def under(seen: Observation) -> Callable[[RecordedCall], str]:
    """The row in which it ends up."""
    return lambda call: f"http.{call.syscall}" if call.fd_kind == "inet" else TABLE.row(call)


numbers = TABLE.counting(CALLS, the_container, under=under)
