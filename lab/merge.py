"""Brings two changed versions of a text together, where they do not touch the same lines."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher


@dataclass(frozen=True, order=True)
class Edit:
    """Lines `first` up to and without `last` of the base (from 0) are replaced."""

    first: int
    last: int
    lines: tuple[str, ...]

    def touches(self, other: Edit) -> bool:
        """Whether the two are about the same or neighbouring lines."""
        return self.first <= other.last and other.first <= self.last


class Conflict(Exception):
    """Both versions changed the same lines; `line` is where, in the base, counted from 1."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}")
        self.line = line


def merged(base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]) -> list[str]:
    """`mine` with what `theirs` changed in `base`. Raises Conflict.

    Neighbouring lines count as the same: a changed line can make the one beside it wrong.
    """
    return combined(base, edits(base, mine), edits(base, theirs))


def combined(base: Sequence[str], ours: Collection[Edit], others: Collection[Edit]) -> list[str]:
    """`base` with both sides' edits; one that both have is made once. Raises Conflict.

    The edits of one side do not overlap.
    """
    for one in ours:
        for other in others:
            if one != other and one.touches(other):
                raise Conflict(max(one.first, other.first) + 1)
    result: list[str] = []
    at = 0
    for edit in sorted({*ours, *others}):
        result += [*base[at : edit.first], *edit.lines]
        at = edit.last
    return [*result, *base[at:]]


def edits(base: Sequence[str], changed: Sequence[str]) -> list[Edit]:
    """What turns `base` into `changed`."""
    matcher = SequenceMatcher(None, base, changed, autojunk=False)
    return [
        Edit(first, last, tuple(changed[begin:end]))
        for kind, first, last, begin, end in matcher.get_opcodes()
        if kind != "equal"
    ]
