"""only streams with exactly four calls are counted as cancelled, and some have a dozen more

check `cancelled` in tracer.py (TODO 5): four calls or more
"""

from __future__ import annotations

from grader.exercise import Numbers
from grader.observation import Observation

from ..streams import LAST_CALL, numbers_of, plain, streams


def numbers(seen: Observation) -> Numbers:
    """Those with four."""
    found = streams(seen)
    return {**plain(numbers_of(found)), "cancelled": found.count(LAST_CALL + 1, LAST_CALL + 1).inside}
