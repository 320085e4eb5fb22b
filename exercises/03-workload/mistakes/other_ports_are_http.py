"""every port that is not gRPC's is counted as HTTP

check kind_of() in tracer.py (TODO 4): a socket may have neither of the two ports
"""

from __future__ import annotations

from collections.abc import Callable

from grader.checks.call_table.table import CALLS
from grader.mistakes.filters import the_container
from grader.observation import Observation, RecordedCall

from ..traffic import TABLE


def under(seen: Observation) -> Callable[[RecordedCall], str]:
    """The row in which it ends up."""

    def row(call: RecordedCall) -> str:
        other = call.fd_kind == "inet" and call.port not in TABLE.ports
        return f"http.{call.syscall}" if other else TABLE.row(call)

    return row


numbers = TABLE.counting(CALLS, the_container, under=under)
