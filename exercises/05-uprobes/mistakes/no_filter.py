"""every server that runs this file is counted, not only the container's

check in_target() in tracer.bpf.c (TODO 1), and whether both programs ask it
"""

from __future__ import annotations

from grader.exercise import Numbers
from grader.observation import Observation

from ..streams import numbers_of, plain, streams


def numbers(seen: Observation) -> Numbers:
    """Both servers' streams."""
    return plain(numbers_of(streams(seen, everywhere=True)))
