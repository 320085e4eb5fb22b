"""Whether the tracer loads and gets ready."""

from __future__ import annotations

from grader.checks.last_words import last_words
from grader.checks.making import failed, gate, passed
from grader.loading import translate
from grader.observation import Observation
from grader.verdict import Finding


@gate
def loaded(seen: Observation) -> Finding:
    """your tracer compiles, and the kernel accepts it"""
    tracer = seen.tracer
    if tracer.ready:
        return passed("it loaded")
    complaint = translate(tracer.stderr_tail, seen.sources)
    if complaint is not None:
        return failed(
            complaint.message, cause=complaint.cause, hint=complaint.hint, got=complaint.said or None
        )
    if tracer.ended_by == "limit":
        return failed(
            f"your tracer was stopped at a limit while it loaded: {tracer.limit}",
            cause=f"limit_{tracer.limit.split()[0]}" if tracer.limit else "limit",
            hint="a tracer starts no other programs, and prints little",
        )
    if tracer.ended_by == "exited" and tracer.exit_code != 0:
        return failed(
            f"your tracer ended with exit code {tracer.exit_code} before it was ready{last_words(seen)}",
            cause="load_failed",
            hint="`lab run` shows all that it printed: which line of tracer.py does that come from?",
            got=tracer.exit_code,
        )
    return passed("it started")


@gate
def ready(seen: Observation) -> Finding:
    """your tracer says READY once its probes are attached"""
    tracer = seen.tracer
    if tracer.ready:
        seconds = seen.timings.get("load")
        return passed("it said READY" + (f" after {seconds:.1f} s" if seconds else ""))
    if tracer.ended_by == "exited":
        return failed(
            "your tracer ended without saying READY",
            cause="ended_early",
            hint="in tracer.py, below the last line that attaches: ready(), then wait_for_stop()",
        )
    return failed(
        f"your tracer waits{stuck_at(seen)}, and has not said READY",
        cause="never_ready",
        hint="in tracer.py, call ready() below the last line that attaches, and above what waits",
    )


def stuck_at(seen: Observation) -> str:
    """Where the tracer was when it was given up, with that line of its own; nothing when it is not known."""
    name, _, number = seen.tracer.stuck_at.rpartition(":")
    lines = seen.sources.get(name, "").splitlines()
    if not number.isdigit() or int(number) > len(lines):
        return ""
    return f" at {seen.tracer.stuck_at}: `{lines[int(number) - 1].strip()}`"
