"""what was stored for an address is never replaced, and a new stream at this address goes on with it

check how stream_made writes into `streams` (TODO 2): what if the address has an entry already?
"""

from __future__ import annotations

from collections import Counter

from grader.exercise import Numbers
from grader.observation import Observation

from ..streams import streams


def numbers(seen: Observation) -> Numbers:
    """All calls of an address are one stream's."""
    per_address = Counter(one.address for one in streams(seen).inside for _ in one.calls)
    third, fourth = (sum(calls >= number for calls in per_address.values()) for number in (3, 4))
    return {"completed": third - fourth, "cancelled": fourth}
