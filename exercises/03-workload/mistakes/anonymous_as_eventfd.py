"""every anonymous file is counted as an eventfd, an epoll descriptor too

compare the whole name that the kernel gives it in tracer.bpf.c (TODO 2): epoll's has one too
"""

from __future__ import annotations

from grader.exercise import Numbers
from grader.observation import Observation

from ..traffic import with_helpers


def numbers(seen: Observation) -> Numbers:
    """The helper's calls on such a descriptor are in a row where they do not belong."""
    return with_helpers(seen, read_epoll_refused="eventfd.read")
