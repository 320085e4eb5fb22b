"""starts are stored by process, so that its threads overwrite each other's

check the key of `started` in tracer.bpf.c: all 64 bits of bpf_get_current_pid_tgid() are a thread's
"""

from __future__ import annotations

from grader.checks.call_table.by_process import by_process
from grader.checks.call_table.table import CALLS
from grader.exercise import Numbers
from grader.observation import Observation

from ..traffic import TABLE


def numbers(seen: Observation) -> Numbers:
    """A return finds the last start of its process."""
    return TABLE.numbers(CALLS, by_process(TABLE, seen))
