"""only the calls that succeeded are counted

where does tracer.bpf.c add 1, and on which condition? At the entry every call counts, however it ends
"""

from __future__ import annotations

from grader.exercise import Numbers
from grader.observation import Observation
from grader.truth.calls import calls

from ..traffic import truth


def numbers(seen: Observation) -> Numbers:
    """Those that returned 0."""
    good = calls(seen, "execve", everywhere=True).where(lambda call: call.ret == 0)
    by_name = good.count_by(lambda call: call.comm)
    return {f"counts.{name}": by_name[name].inside for name in truth(seen) if name in by_name}
