"""addresses are counted, and one address holds one stream after another

check `streams` in tracer.py (TODO 5): which place of `reached` counts what stream_made saw?
"""

from __future__ import annotations

from grader.exercise import Numbers
from grader.observation import Observation

from ..streams import numbers_of, plain, streams


def numbers(seen: Observation) -> Numbers:
    """One stream for each address."""
    addresses = len({one.address for one in streams(seen).inside})
    return {**plain(numbers_of(streams(seen))), "streams": addresses}
