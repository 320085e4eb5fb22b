"""each call of the function is counted as a stream, and a stream has several

check `streams` in tracer.py (TODO 5): which place of `reached` counts what stream_made saw?
"""

from __future__ import annotations

from grader.exercise import Numbers
from grader.observation import Observation

from ..streams import streams


def numbers(seen: Observation) -> Numbers:
    """All calls."""
    return {"streams": streams(seen).calls().inside}
