"""A complaint in the learner's words, and the table rows that make one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Complaint:
    """What is wrong, in the learner's words."""

    cause: str
    message: str
    """The learner's own line (file:line, then its text, indented), and what is wrong with it."""
    hint: str
    said: str = ""
    """What was really written: the line that was recognised."""


@dataclass(frozen=True)
class Rule:
    """One known complaint. `wrong` and `fix` may hold {0}, {1}: the groups of `pattern`."""

    pattern: str
    cause: str
    wrong: str
    fix: str

    def match(self, text: str) -> re.Match[str] | None:
        """Where `text` has this complaint."""
        return re.search(self.pattern, text)


@dataclass(frozen=True)
class Line:
    """A line of the learner's own: 0 when only its text is known, no text when only the place is."""

    file: str
    number: int = 0
    text: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.number}" if self.number else self.file
        return f"{place}\n    {self.text.strip()}\n" if self.text.strip() else f"{place}: "


def complain(rules: Sequence[Rule], said: str, line: Line | None) -> Complaint | None:
    """The first rule that matches what was said, about this line."""
    for rule in rules:
        found = rule.match(said)
        if found:
            groups = [group or "" for group in found.groups()]
            place = str(line) if line else ""
            start = said.rfind("\n", 0, found.start()) + 1
            heard = said[start:].split("\n", 1)[0].strip()
            return Complaint(rule.cause, place + rule.wrong.format(*groups), rule.fix.format(*groups), heard)
    return None
