"""How the tracer ended, and what it left."""

from __future__ import annotations

from collections.abc import Sequence

from grader.checks.attached import listed
from grader.checks.last_words import last_words
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
            "your tracer ignored SIGINT and had to be killed",
            cause="ignored_sigint",
            hint="end on SIGINT: wait_for_stop() returns when it comes, when no callback keeps it busy",
        )
    if tracer.ended_by == "exited":
        return failed(
            f"your tracer ended by itself before it was asked to (exit code {tracer.exit_code})"
            + last_words(seen),
            cause="ended_early",
            hint="keep it running until SIGINT: wait_for_stop() does that",
            got=tracer.exit_code,
        )
    if tracer.exit_code not in CALM_EXITS:
        return failed(
            f"your tracer crashed on its way out (exit code {tracer.exit_code}){last_words(seen)}",
            cause="crashed_at_exit",
            hint="read its last lines below",
            expected=0,
            got=tracer.exit_code,
        )
    if seen.kernel.left_behind:
        return left_behind(seen.kernel.left_behind)
    return passed("it ended on SIGINT and left nothing behind")


def left_behind(left: Sequence[str]) -> Finding:
    """Something of it is still in the kernel. Attached is worse than pinned: it goes on working."""
    cause, hint = "left_behind", "attach with bpf.attach_..., pin nothing: then all goes with the process"
    if any(one.startswith("XDP program") for one in left):
        cause, hint = "left_attached", "detach it after wait_for_stop(): bpftool net detach"
    elif any(one.startswith("pin ") for one in left):
        cause, hint = "left_pinned", "unpin after wait_for_stop(): delete what you pinned below /sys/fs/bpf"
    said = f"still in the kernel after your tracer had ended: {listed(left)}"
    return failed(said, cause=cause, hint=hint, got=list(left))
