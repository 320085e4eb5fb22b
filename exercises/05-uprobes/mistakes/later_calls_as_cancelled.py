"""each call after the third is counted as a cancelled stream, and some have a dozen

check `cancelled` in tracer.py (TODO 5): a stream with five calls is in reached[4] and in reached[5]
"""

from __future__ import annotations

from grader.exercise import Numbers
from grader.observation import Observation

from ..streams import LAST_CALL, numbers_of, plain, streams


def numbers(seen: Observation) -> Numbers:
    """All later calls."""
    right = plain(numbers_of(streams(seen)))
    return {**right, "cancelled": right["calls"] - LAST_CALL * right["streams"]}
