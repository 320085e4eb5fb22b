"""The nearest misconception: whose numbers are these?"""

from __future__ import annotations

from collections.abc import Mapping
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
    """The first line of each misconception's docstring."""
    hint: str
    """Where to look: the rest of the docstring. Empty where there is none, or several causes."""
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
    misconceptions: Mapping[str, Misconception], seen: Observation, truth: Numbers | None = None
) -> Diagnosis | None:
    """The misconception(s) whose numbers the report holds; None when none fits.

    The exact ones win; else those that differ by no more than the calls at the edge of the window, and are
    far nearer than the truth. One whose numbers are the `truth` (in this run) says nothing.
    """
    if isinstance(seen.report, BadReport):
        return None
    reported = flat_numbers(seen.report.document)
    edge = len(calls(seen).edge)
    near: dict[str, float] = {}
    for cause, misconception in misconceptions.items():
        wrong = misconception(seen)
        far = distance(reported, wrong)
        to_truth = distance(truth or {}, wrong)
        if far is None or to_truth == 0:
            continue
        if far == 0 or (far <= edge and (to_truth is None or far < to_truth / 4)):
            near[cause] = far
    if not near:
        return None
    best = min(near.values())
    causes = tuple(cause for cause, far in near.items() if far == best)
    sentences = tuple(sentence(misconceptions[cause], cause) for cause in causes)
    hint = where_to_look(misconceptions[causes[0]]) if len(causes) == 1 else ""
    return Diagnosis(causes, sentences, hint, best == 0)


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


def sentence(misconception: Misconception, cause: str) -> str:
    """The first line of its docstring; its cause, in words, when it has none."""
    text = (misconception.__doc__ or "").strip().splitlines()
    return text[0].rstrip(".") if text else cause.replace("_", " ")


def where_to_look(misconception: Misconception) -> str:
    """The docstring below its first line, in one line."""
    _, _, rest = (misconception.__doc__ or "").strip().partition("\n")
    return " ".join(rest.split())
