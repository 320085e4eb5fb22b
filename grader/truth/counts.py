"""Exact comparison of counts.

The slack is 0, but for calls at the edge of the window, where either answer is right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.found import Found, Why
from grader.verdict import Outcome

TIMES = {2: "twice", 3: "three times", 4: "four times", 5: "five times", 10: "ten times"}
SHOWN_KEYS = 4


@dataclass(frozen=True)
class Count:
    """How many there were: `inside` for certain, and up to `edge` more for which either answer is right."""

    inside: int
    edge: int = 0

    @property
    def high(self) -> int:
        """The largest right answer."""
        return self.inside + self.edge

    def admits(self, got: int) -> bool:
        """Whether this number is right."""
        return self.inside <= got <= self.high

    def __add__(self, other: Count) -> Count:
        return Count(self.inside + other.inside, self.edge + other.edge)

    def __str__(self) -> str:
        return f"{self.inside}" if not self.edge else f"{self.inside} (or up to {self.high})"


def least(numbers: Mapping[str, float | Count]) -> dict[str, float]:
    """The same with one number for each: the smallest right answer."""
    return {name: one.inside if isinstance(one, Count) else one for name, one in numbers.items()}


def times(got: int, truth: Count) -> int:
    """k when `got` is k times the truth and k is at least 2, else 0."""
    if truth.inside < 2:
        return 0
    for factor in range(2, 11):
        if truth.inside * factor <= got <= truth.high * factor and not truth.admits(got):
            return factor
    return 0


def words(got: int, truth: Count) -> str:
    """How the number is wrong, in words; empty when it is right."""
    if truth.admits(got):
        return ""
    factor = times(got, truth)
    if factor:
        return f"exactly {TIMES.get(factor, f'{factor} times')}"
    if got == 0:
        return "none at all"
    if got < truth.inside:
        return f"{truth.inside - got} too few"
    return f"{got - truth.high} too many"


def sentence(got: int, truth: Count, what: str = "") -> str:
    """Sent, seen, allowed: `sent 211, your tracer counted 422 (exactly twice)`."""
    thing = f" {what}" if what else ""
    wrong = words(got, truth)
    return f"sent {truth}{thing}, your tracer counted {got}" + (f" ({wrong})" if wrong else "")


def row_sentence(key: str, got: int, truth: Count, unit: str = "") -> str:
    """One row of a table: `readv: expected 211 calls, got 422 (exactly twice)`."""
    of = f" {unit}" if unit and truth != Count(1) else ""
    return f"{key}: expected {truth}{of}, got {got} ({words(got, truth)})"


def compare(got: int, truth: Count, *, what: str = "", unit: str = "", whys: Sequence[Why] = ()) -> Found:
    """One number beside the truth. `whys` are told when it is wrong."""
    right = truth.admits(got)
    return Found(
        Outcome.PASS if right else Outcome.FAIL,
        () if right else tuple(whys),
        sentence(got, truth, what),
        "" if right else generic_cause(got, truth),
        expected=truth.inside,
        got=got,
        tolerance=truth.edge,
        unit=unit,
    )


def compare_table(
    got: Mapping[str, int], truth: Mapping[str, Count], *, unit: str = "", whys: Sequence[Why] = ()
) -> Found:
    """One number per key beside the truth. `whys` are told when one is wrong.

    A key that is missing counts as 0; one that the truth does not have must be 0. A line for each wrong key.
    """
    wrong = wrong_keys(got, truth)
    said = [row_sentence(key, got.get(key, 0), truth.get(key, Count(0)), unit) for key in wrong]
    if len(said) > SHOWN_KEYS:
        said[SHOWN_KEYS:] = [f"and {len(said) - SHOWN_KEYS} more; `lab run` shows them all"]
    total = sum((truth[key] for key in truth), Count(0))
    return Found(
        Outcome.FAIL if wrong else Outcome.PASS,
        tuple(whys) if wrong else (),
        "\n".join(said) if wrong else f"sent {total} in all, your tracer counted the same",
        generic_cause(got.get(wrong[0], 0), truth.get(wrong[0], Count(0))) if wrong else "",
        expected={key: count.inside for key, count in truth.items()},
        got={key: got.get(key, 0) for key in dict.fromkeys([*truth, *wrong])},
        tolerance={key: count.edge for key, count in truth.items() if count.edge},
        unit=unit,
    )


def wrong_keys(got: Mapping[str, int], truth: Mapping[str, Count]) -> list[str]:
    """Keys whose number is not right: the truth's first, in its order."""
    keys = dict.fromkeys([*truth, *got])
    return [key for key in keys if not truth.get(key, Count(0)).admits(got.get(key, 0))]


GENERIC_CAUSES = frozenset(
    {
        *("count_zero", "count_multiple", "count_too_low", "count_too_high"),
        *("too_long", "too_short", "durations_mixed_up"),
        *("one_cpu", "events_lost", "lost_updates", "starts_overwritten"),
    }
)
"""Causes that only say how numbers are off, or what may have lost some; a misconception that fits says more
and takes their place."""


def generic_cause(got: int, truth: Count) -> str:
    """How the number is off, as a stable word."""
    if times(got, truth):
        return "count_multiple"
    if got == 0:
        return "count_zero"
    return "count_too_low" if got < truth.inside else "count_too_high"
