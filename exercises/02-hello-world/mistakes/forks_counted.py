"""a fork is counted like a call of execve

which line in tracer.py attaches to something besides execve? A process that forks has started no program
"""

from __future__ import annotations

from grader.exercise import Numbers
from grader.observation import Observation
from grader.truth.calls import tasks
from grader.truth.counts import Count

from ..traffic import as_report, planted, truth


def numbers(seen: Observation) -> Numbers:
    """Both together."""
    forks = tasks(seen, "fork")
    found = {name: count.inside for name, count in truth(seen).items()}
    for name in planted(seen, "execs", "fail_execs", "forks"):
        found[name] = found.get(name, 0) + forks.get(name, Count(0)).inside
    return as_report(found)
