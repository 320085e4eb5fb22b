"""What a tracer that ended by itself had to say."""

from __future__ import annotations

from grader.found import Why, why
from grader.loading import translate
from grader.observation import Observation

TAIL_CHARS = 300


def last_words(seen: Observation) -> str:
    """What stopped it: its own line where Python names one, else the last line of standard error."""
    complaint = translate(seen.tracer.stderr_tail, seen.sources)
    if complaint is not None:
        return f":\n{complaint.message}"
    lines = [line.strip() for line in seen.tracer.stderr_tail.splitlines() if line.strip()]
    return f": {lines[-1][:TAIL_CHARS]}" if lines else ""


def ended_early(seen: Observation) -> Why:
    """For a tracer that ended by itself. Its own error first, if it has one."""
    name = "ended_with_error" if seen.tracer.exit_code else "ended_early"
    return why(name, exit_code=seen.tracer.exit_code, words=last_words(seen))
