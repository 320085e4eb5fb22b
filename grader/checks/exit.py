"""How the tracer ended, and what it left."""

from __future__ import annotations

from collections.abc import Sequence

from grader.checks.attached import listed
from grader.checks.last_words import ended_early, last_words
from grader.checks.making import failed, passed
from grader.observation import Observation
from grader.verdict import Finding

CALM_EXITS = (None, 0, 130, -2)
"""0, or ended by SIGINT itself (a KeyboardInterrupt that nobody catches)."""


def clean_exit(seen: Observation) -> Finding:
    """your tracer ends when it is asked to, and leaves nothing behind"""
    tracer = seen.tracer
    if tracer.ended_by == "limit":
        return failed(
            f"your tracer was stopped at a limit: {tracer.limit}",
            cause=f"limit_{tracer.limit.split()[0]}" if tracer.limit else "limit",
            hint="print and keep less; a tracer starts no other programs",
        )
    if tracer.ended_by == "killed":
        return failed(
            "your tracer did not stop when the lab sent SIGINT (as Ctrl-C does), and had to be killed",
            cause="ignored_sigint",
            hint="what goes on in tracer.py after wait_for_stop() returned, or keeps it from that?",
        )
    if tracer.ended_by == "exited":
        cause, hint = ended_early(seen)
        return failed(
            f"your tracer ended by itself before it was asked to (exit code {tracer.exit_code})"
            + last_words(seen),
            cause=cause,
            hint=hint,
            got=tracer.exit_code,
        )
    if tracer.exit_code not in CALM_EXITS:
        return failed(
            f"your tracer crashed on its way out (exit code {tracer.exit_code}){last_words(seen)}",
            cause="crashed_at_exit",
            hint="see what tracer.py does after wait_for_stop(); `lab run` shows all that it printed",
            expected=0,
            got=tracer.exit_code,
        )
    if seen.kernel.left_behind:
        return left_behind(seen.kernel.left_behind)
    return passed("it ended on SIGINT and left nothing behind")


def left_behind(left: Sequence[str]) -> Finding:
    """Something of it is still in the kernel. Attached is worse than pinned: it goes on working."""
    cause, hint = (
        "left_behind",
        "attach with bpf.attach_... in tracer.py, and pin nothing: then all goes with it",
    )
    if any(one.startswith("XDP program") for one in left):
        cause, hint = "left_attached", "at the end of tracer.py, after wait_for_stop(): bpftool net detach"
    elif any(one.startswith("pin ") for one in left):
        cause, hint = "left_pinned", "at the end of tracer.py, after wait_for_stop(): delete what you pinned"
    said = f"still in the kernel after your tracer had ended: {listed(left)}"
    return failed(said, cause=cause, hint=hint, got=list(left))
