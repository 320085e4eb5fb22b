"""From two versions of a file to the edits of a list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lab.dev.rejected.applying import TITLE
from lab.merge import Edit, edits

APART = 2
"""Edits with fewer lines than this between them are one."""


def written(name: str, before: Sequence[str], after: Sequence[str]) -> str:
    """The edits that turn the first into the second, as they stand in a list; empty when nothing differs."""
    return "".join(
        f"\n@@ {name} @@\n" + "".join(f"{line.rstrip() if line == ' ' else line}\n" for line in lines)
        for group in _groups(edits(before, after))
        for lines in [_signed(group, before)]
    )


def _groups(all_edits: Sequence[Edit]) -> Iterator[list[Edit]]:
    """Those that lie close together."""
    group: list[Edit] = []
    for edit in all_edits:
        if group and edit.first - group[-1].last >= APART:
            yield group
            group = []
        group.append(edit)
    if group:
        yield group


def _signed(group: Sequence[Edit], before: Sequence[str]) -> list[str]:
    """Lines with their signs: as few around the edits as make the place one that is there once."""
    begin, end = _place(group[0].first, group[-1].last, before)
    signed, at = [], begin
    for edit in group:
        signed += [f" {line}" for line in before[at : edit.first]]
        signed += [f"-{line}" for line in before[edit.first : edit.last]]
        signed += [f"+{line}" for line in edit.lines]
        at = edit.last
    return signed + [f" {line}" for line in before[at:end]]


def _place(first: int, last: int, before: Sequence[str]) -> tuple[int, int]:
    """The shortest range around these lines whose text is in the file once."""
    telling = [at for at, line in enumerate(before) if line and not TITLE.search(line)]
    begins = [first, *(at for at in reversed(telling) if at < first)]
    ends = [last, *(at + 1 for at in telling if at >= last)]
    for more in range(len(begins) + len(ends)):
        for above in range(min(more, len(begins) - 1), -1, -1):
            if (below := more - above) >= len(ends):
                break
            begin, end = begins[above], ends[below]
            if begin < end and _times(before[begin:end], before) == 1:
                return begin, end
    return 0, len(before)


def _times(some: Sequence[str], lines: Sequence[str]) -> int:
    return sum(lines[at : at + len(some)] == some for at in range(len(lines) - len(some) + 1))
