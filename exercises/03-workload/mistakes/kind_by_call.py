"""the kind comes from the call's name, not from its descriptor

a call comes on more than one kind of descriptor: ask look_at_fd() in tracer.bpf.c (TODO 2) each time
"""

from __future__ import annotations

from collections.abc import Callable

from grader.checks.call_table.table import CALLS
from grader.mistakes.filters import the_container
from grader.observation import Observation, RecordedCall

from ..traffic import TABLE


def under(seen: Observation) -> Callable[[RecordedCall], str]:
    """The row in which it ends up."""
    usual = {
        **dict.fromkeys(("readv", "writev"), "http"),
        **dict.fromkeys(("recvmsg", "sendmsg"), "grpc"),
        **dict.fromkeys(("recvfrom", "sendto"), "unix"),
    }
    return lambda call: f"{usual.get(call.syscall, TABLE.kind(call))}.{call.syscall}"


numbers = TABLE.counting(CALLS, the_container, under=under)
