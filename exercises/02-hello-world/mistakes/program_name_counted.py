"""the name is asked for after the call, when the new program has replaced the caller

where does tracer.bpf.c call bpf_get_current_comm? The caller is only there at the entry
"""

from __future__ import annotations

from grader.exercise import Numbers
from grader.observation import Observation
from grader.truth.calls import calls, tasks
from grader.truth.counts import Count

from ..traffic import PROGRAM, as_report, truth


def numbers(seen: Observation) -> Numbers:
    """Failed calls under their callers, all others under the program that they started."""
    bad = calls(seen, "execve", everywhere=True).where(lambda call: call.ret != 0)
    by_name = bad.count_by(lambda call: call.comm)
    found = {name: by_name.get(name, Count(0)).inside for name in truth(seen)}
    return as_report({**found, PROGRAM: tasks(seen, "exec").get(PROGRAM, Count(0)).inside})
