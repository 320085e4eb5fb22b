"""Whether the tracer disturbed the run. That is its own fault, whatever became of the evidence."""

from __future__ import annotations

from collections.abc import Sequence

from grader.found import Why, failed, why
from grader.judging.wording import lab_says
from grader.observation import Observation
from grader.verdict import Finding

CAUSE = "interference"
MOST_SHARE = 0.5
"""Of one CPU's time that a tracer's programs may take. A right one takes some hundredths when emulated."""


def disturbed(runs: Sequence[Observation]) -> list[Finding]:
    """One failed finding when something of ours was touched from the tracer's side; else none."""
    for seen in runs:
        if seen.tracer.ended_by == CAUSE:
            what = seen.tracer.limit or "something of the lab's was disturbed from your tracer's side"
            return [finding(why("interference", what=what))]
    return []


def slowed(runs: Sequence[Observation]) -> list[Finding]:
    """One failed finding when the tracer's programs took the time that the traffic needed; else none.

    Asked only about runs that cannot be used: what does no harm is no interference.
    """
    shares = [share for seen in runs if (share := share_of_a_cpu(seen)) > MOST_SHARE]
    return [finding(why("interference_by_load", share=f"{share:.0%}")) for share in shares[:1]]


def share_of_a_cpu(seen: Observation) -> float:
    """The time that the tracer's programs took, as a share of the time between READY and SIGINT."""
    lasted_ns = seen.tracer.sigint_ns - seen.tracer.ready_ns
    if seen.tracer.ready_ns <= 0 or lasted_ns <= 0:
        return 0.0
    return sum(program.run_time_ns for program in seen.kernel.programs) / lasted_ns


def finding(said: Why) -> Finding:
    """The one finding."""
    return lab_says(
        "interference", "your tracer leaves the lab's own parts alone", "left_alone", failed(said)
    )
