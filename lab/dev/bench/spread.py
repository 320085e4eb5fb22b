"""Medians with their spread. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, median

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Spread:
    """Some measurements of one thing: their median, least and greatest."""

    middle: float
    least: float
    greatest: float
    times: int

    @staticmethod
    def of(values: Sequence[float]) -> Spread:
        """Of at least one value."""
        return Spread(median(values), min(values), max(values), len(values))

    def text(self, unit: str, digits: int = 2) -> str:
        """For people: `1.05 s (0.98 to 1.31, 5 times)`."""
        form = f"{{:.{digits}f}}"
        low, high = form.format(self.least), form.format(self.greatest)
        return f"{form.format(self.middle)} {unit} ({low} to {high}, {self.times} times)"


def median_interval(values: Sequence[float]) -> tuple[float, float]:
    """A 95% interval of the median: order statistics, so no shape of the distribution is assumed.

    With fewer than six values it is their whole range, which is less sure than 95%.
    """
    ordered = sorted(values)
    count = len(ordered)
    reach = NormalDist().inv_cdf((1 + CONFIDENCE) / 2) * count**0.5 / 2
    low = max(0, int(count / 2 - reach))
    return ordered[low], ordered[count - 1 - low]
