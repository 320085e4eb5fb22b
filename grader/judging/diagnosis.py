"""The nearest misconception: whose numbers are these?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.exercise import Misconception, Numbers
from grader.observation import BadReport, Observation
from grader.report.fields import flat_numbers
from grader.truth.calls import calls

RELATIVE = 1e-9
"""Sums and means are computed in another order here than in the tracer."""


@dataclass(frozen=True)
class Diagnosis:
    """The misconceptions that would print what the tracer printed; more than one when they cannot be told
    apart.
    """

    causes: tuple[str, ...]
    sentences: tuple[str, ...]
    """What such tracers do."""
    hint: str
    """Where to look. Empty where nobody says it, or for several causes."""
    exact: bool
    """False: equal but for calls at the edge of the window."""

    @property
    def message(self) -> str:
        """For the learner."""
        if len(self.causes) == 1:
            told = "exactly the numbers of" if self.exact else "the numbers of"
            return f"these are {told} a tracer where {self.sentences[0]}"
        return "two or more mistakes would print these numbers: " + "; or ".join(self.sentences)


def diagnose(
    misconceptions: Sequence[Misconception], seen: Observation, truth: Numbers | None = None
) -> Diagnosis | None:
    """The misconception(s) whose numbers the report holds, the likelier ones first; None when none fits.

    The exact ones win; else those that differ by no more than the calls at the edge of the window, and are
    far nearer than the truth. One whose numbers are the `truth` (in this run) says nothing.
    """
    if isinstance(seen.report, BadReport):
        return None
    reported = flat_numbers(seen.report.document)
    edge = len(calls(seen).edge)
    near: list[tuple[Misconception, float]] = []
    for misconception in misconceptions:
        wrong = misconception.numbers(seen)
        far = distance(reported, wrong)
        to_truth = distance(truth or {}, wrong)
        if far is None or to_truth == 0:
            continue
        if far == 0 or (far <= edge and (to_truth is None or far < to_truth / 4)):
            near.append((misconception, far))
    if not near:
        return None
    best = min(far for _, far in near)
    fitting = [one for one, far in near if far == best]
    return Diagnosis(
        causes=tuple(one.cause for one in fitting),
        sentences=tuple(one.sentence for one in fitting),
        hint=fitting[0].where_to_look if len(fitting) == 1 else "",
        exact=best == 0,
    )


def distance(reported: Numbers, wrong: Numbers) -> float | None:
    """How far apart the numbers are, at the worst key; None when they cannot be compared.

    What a report does not name it may mean as 0.
    """
    if not wrong or any(value and key not in reported for key, value in wrong.items()):
        return None
    worst = 0.0
    for key, value in wrong.items():
        apart = abs(reported.get(key, 0) - value)
        # Written so that a NaN never fits.
        if not apart <= RELATIVE * abs(value):
            worst = max(worst, apart) if apart == apart else float("inf")
    return worst
