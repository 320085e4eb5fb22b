"""Whether the tracer loads and gets ready."""

from __future__ import annotations

from grader.checks.last_words import last_words
from grader.exercise import Check
from grader.found import Found, Why, failed, passed, why
from grader.loading import translate
from grader.observation import Observation
from grader.sentences import said_in


def run_loaded(seen: Observation) -> Found:
    """Whether the compiler, the kernel and Python took it."""
    tracer = seen.tracer
    if tracer.ready:
        return passed("it loaded")
    complaint = translate(tracer.stderr_tail, seen.sources)
    if complaint is not None:
        said = why("complaint", cause=complaint.cause, message=complaint.message, hint=complaint.hint)
        return failed(said, got=complaint.said or None)
    if tracer.ended_by == "limit":
        return failed(at_limit("limit_while_loading", tracer.limit))
    if tracer.ended_by == "exited" and tracer.exit_code != 0:
        said = why("load_failed", exit_code=tracer.exit_code, words=last_words(seen))
        return failed(said, got=tracer.exit_code)
    return passed("it started")


def run_ready(seen: Observation) -> Found:
    """Whether it said so."""
    tracer = seen.tracer
    if tracer.ready:
        seconds = seen.timings.get("load")
        return passed("it said READY" + (f" after {seconds:.1f} s" if seconds else ""))
    if tracer.ended_by == "exited":
        return failed(why("ended_without_ready"))
    return failed(why("never_ready", where=stuck_at(seen)))


def at_limit(name: str, limit: str) -> Why:
    """A tracer that was stopped at a limit. The limit's first word is part of the cause."""
    return why(name if limit else "limit", what=limit.partition(" ")[0], limit=limit)


def stuck_at(seen: Observation) -> str:
    """Where the tracer was when it was given up, with that line of its own; nothing when it is not known."""
    name, _, number = seen.tracer.stuck_at.rpartition(":")
    lines = seen.sources.get(name, "").splitlines()
    if not number.isdigit() or int(number) > len(lines):
        return ""
    return f" at {seen.tracer.stuck_at}: `{lines[int(number) - 1].strip()}`"


loaded = Check(
    "loaded", "your tracer compiles, and the kernel accepts it", run_loaded, said_in("loaded"), gate=True
)
ready = Check(
    "ready", "your tracer says READY once its probes are attached", run_ready, said_in("ready"), gate=True
)
