"""How the tracer ended, and what it left."""

from __future__ import annotations

from collections.abc import Sequence

from grader.checks.attached import listed
from grader.checks.last_words import ended_early, last_words
from grader.checks.loading import at_limit
from grader.exercise import Check
from grader.found import Found, failed, passed, why
from grader.observation import Observation
from grader.sentences import said_in

CALM_EXITS = (None, 0, 130, -2)
"""0, or ended by SIGINT itself (a KeyboardInterrupt that nobody catches)."""


def run_clean_exit(seen: Observation) -> Found:
    """How it ended, then what it left."""
    tracer = seen.tracer
    if tracer.ended_by == "limit":
        return failed(at_limit("stopped_at_limit", tracer.limit))
    if tracer.ended_by == "killed":
        return failed(why("ignored_sigint"))
    if tracer.ended_by == "exited":
        return failed(ended_early(seen), got=tracer.exit_code)
    if tracer.exit_code not in CALM_EXITS:
        crashed = why("crashed_at_exit", exit_code=tracer.exit_code, words=last_words(seen))
        return failed(crashed, expected=0, got=tracer.exit_code)
    if seen.kernel.left_behind:
        return left_behind(seen.kernel.left_behind)
    return passed("it ended on SIGINT and left nothing behind")


def left_behind(left: Sequence[str]) -> Found:
    """Something of it is still in the kernel. Attached is worse than pinned: it goes on working."""
    name = "left_behind"
    if any(one.startswith("XDP program") for one in left):
        name = "left_attached"
    elif any(one.startswith("pin ") for one in left):
        name = "left_pinned"
    return failed(why(name, left=listed(left)), got=list(left))


clean_exit = Check(
    "clean_exit",
    "your tracer ends when it is asked to, and leaves nothing behind",
    run_clean_exit,
    said_in("clean_exit", "ended_early"),
)
