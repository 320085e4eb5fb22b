"""a stream is forgotten at its third call, so that the fourth call of a cancelled one is never seen

check what metadata_call in tracer.bpf.c does with its entry in `streams` at the third call
"""

from __future__ import annotations

from grader.exercise import Numbers
from grader.observation import Observation

from ..streams import LAST_CALL, numbers_of, plain, streams


def numbers(seen: Observation) -> Numbers:
    """Each has three calls."""
    right = plain(numbers_of(streams(seen)))
    return {
        "streams": right["streams"],
        "completed": right["streams"],
        "cancelled": 0,
        "calls": LAST_CALL * right["streams"],
    }
