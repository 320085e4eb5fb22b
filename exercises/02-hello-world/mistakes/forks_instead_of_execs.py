"""forks are counted instead of calls of execve

check the lines in tracer.py that attach: which function gets the program that counts?
"""

from __future__ import annotations

from grader.exercise import Numbers
from grader.observation import Observation
from grader.truth.calls import tasks
from grader.truth.counts import Count

from ..traffic import as_report, planted


def numbers(seen: Observation) -> Numbers:
    """Forks alone."""
    forks = tasks(seen, "fork")
    return as_report({name: forks.get(name, Count(0)).inside for name in planted(seen, "execs", "forks")})
