"""every stream that had its third call is counted as completed, the cancelled ones too

check `completed` in tracer.py (TODO 5): cancelled streams had three calls, too
"""

from __future__ import annotations

from grader.exercise import Numbers
from grader.observation import Observation

from ..streams import numbers_of, plain, streams


def numbers(seen: Observation) -> Numbers:
    """Both together."""
    right = plain(numbers_of(streams(seen)))
    taken = {"completed": right["completed"] + right["cancelled"]}
    return {"streams": right["streams"], "calls": right["calls"], **taken}
