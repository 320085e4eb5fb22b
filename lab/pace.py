"""How long a wait still takes. The lines it prints are its milestones, and the time from each of them to
the end is known from the last time.

So a stage needs no name and no end of its own, and stages may go on beside each other.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from statistics import median

NUMBERS_FROM = re.compile(r" \(|, (?:about|a few) |, \d")
"""Where the part of a line begins that is another each time."""
DOUBT_S = 60.0
"""So many seconds at the expected pace count as seen before anything was: one short stage proves little."""
PACES = (0.1, 10.0)
SHORTEST_THAT_TELLS_S = 30.0
"""What takes less says nothing about the pace of the rest."""

LeftS = Mapping[str, float]
"""Milestone -> seconds from it to the end."""


class Journey:
    """One wait on its way. Times are seconds on any clock that does not go back."""

    def __init__(self, left_s: LeftS) -> None:
        self._left_s = left_s
        self._passed: dict[str, float] = {}

    def passes(self, line: str, at_s: float) -> None:
        """A line was printed; only the first time it counts."""
        self._passed.setdefault(milestone(line), at_s)

    def left_s(self, at_s: float) -> float | None:
        """Seconds to the end; None before the first line that is known.

        What comes after the next milestone is left however long the way to it takes.
        """
        known = [name for name in self._passed if name in self._left_s]
        if not known:
            return None
        last = known[-1]
        after_s = max((one for one in self._left_s.values() if one < self._left_s[last]), default=0.0)
        stage_s, spent_s = self._left_s[last] - after_s, at_s - self._passed[last]
        pace = self._pace(known, stage_s, spent_s)
        return pace * after_s + max(pace * stage_s - spent_s, 0.0)

    def learned(self, ended_s: float) -> dict[str, float]:
        """From each milestone to the end."""
        return {name: round(ended_s - at_s, 1) for name, at_s in self._passed.items()}

    def _pace(self, known: list[str], stage_s: float, spent_s: float) -> float:
        """Real seconds for each expected one: over the stages that ended, and one that is overdue."""
        expected_s = real_s = DOUBT_S
        for before, after in itertools.pairwise(known):
            expected_s += max(self._left_s[before] - self._left_s[after], 0.0)
            real_s += self._passed[after] - self._passed[before]
        if spent_s > stage_s:
            expected_s, real_s = expected_s + stage_s, real_s + spent_s
        return min(max(real_s / expected_s, PACES[0]), PACES[1])


def milestone(line: str) -> str:
    """What is the same in a line each time it is printed."""
    return NUMBERS_FROM.split(line.strip(), maxsplit=1)[0]


def known_left_s(built_in: LeftS, learned: LeftS) -> dict[str, float]:
    """What was learned on this machine; for the rest the built-in times, at this machine's pace."""
    both = [
        learned[name] / built_in[name] for name in learned if built_in.get(name, 0.0) >= SHORTEST_THAT_TELLS_S
    ]
    pace = median(both) if both else 1.0
    return {name: seconds * pace for name, seconds in built_in.items()} | dict(learned)


def about(seconds: float) -> str:
    """In whole words, no more exact than it is known: `about 40 s`, `about 4 minutes`."""
    if seconds < 8:
        return "a few seconds"
    if seconds < 55:
        return f"about {max(round(seconds, -1), 10):.0f} s"
    if seconds < 90:
        return "about a minute"
    minutes = round(seconds / 60)
    return f"about {minutes if minutes < 20 else 5 * round(minutes / 5)} minutes"
