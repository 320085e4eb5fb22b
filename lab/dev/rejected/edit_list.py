"""An edit list: a rejected tracer as a diff of the solution without line numbers.

    # expect: calls_with_data stale_start
    \"\"\"Exercise 4, rejected: remembers only a thread's first entry, and never forgets it.\"\"\"

    @@ tracer.bpf.c @@
    -    starts.update(&thread, &start);
    +    starts.insert(&thread, &start);

The lines on top are the first of its `tracer.py`. Each edit names its file; then as in every diff: `-` goes,
`+` comes, a blank stays. What stays and what goes is the place: the solution's file has it exactly once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from lab.dev.rejected.first_lines import FirstLines, read_first_lines
from lab.website.authoring import Source

SUFFIX = ".diff"

_HEAD = re.compile(r"@@ (\S+) @@")


@dataclass(frozen=True)
class FileEdit:
    """One edit of one file."""

    line: int
    """Of its `@@` in the list, from 1."""
    file: str
    lines: tuple[str, ...]
    """Each with its sign in front: `-`, `+` or a blank."""

    @property
    def before(self) -> tuple[str, ...]:
        """The lines that the solution must have."""
        return tuple(line[1:] for line in self.lines if not line.startswith("+"))

    @property
    def after(self) -> tuple[str, ...]:
        """The lines that take their place."""
        return tuple(line[1:] for line in self.lines if not line.startswith("-"))

    @property
    def around(self) -> tuple[int, int]:
        """How many lines stay in front of the first and behind the last that goes or comes."""
        changed = [at for at, line in enumerate(self.lines) if not line.startswith(" ")]
        return changed[0], len(self.lines) - 1 - changed[-1]


@dataclass(frozen=True)
class EditList:
    """One `.diff` in `rejected/`."""

    source: Source
    first: FirstLines
    edits: tuple[FileEdit, ...]

    @property
    def head(self) -> str:
        """The lines on top, as they stand in the list."""
        return "\n".join(self.source.text.split("\n")[: self.first.count])

    @property
    def files(self) -> tuple[str, ...]:
        """Names of the files that it changes, in order."""
        return tuple(dict.fromkeys(edit.file for edit in self.edits))


def parse(source: Source) -> EditList:
    """Read a list. Raises AuthoringError (file, line, fix) for what is no edit."""
    first = read_first_lines(source)
    edits = tuple(_edits(source, first.count))
    if not edits:
        raise source.wrong(first.count, "the list has no edit", "write below: @@ tracer.py @@")
    return EditList(source, first, edits)


def _edits(source: Source, skipped: int) -> Iterator[FileEdit]:
    lines = source.text.split("\n")
    heads = [at for at, line in enumerate(lines) if line.startswith("@@")]
    for at in range(skipped, heads[0] if heads else len(lines)):
        if lines[at]:
            raise source.wrong(at + 1, "this line belongs to no edit", "write above it: @@ tracer.py @@")
    for at, end in pairwise([*heads, len(lines)]):
        head = _HEAD.fullmatch(lines[at])
        if head is None:
            raise source.wrong(at + 1, f"{lines[at]!r} names no file", "write: @@ tracer.py @@")
        yield FileEdit(at + 1, head[1], _signed(source, at + 1, lines[at + 1 : end]))


def _signed(source: Source, first: int, lines: list[str]) -> tuple[str, ...]:
    """The lines of one edit; empty ones at its end only keep it apart from the next."""
    while lines and not lines[-1]:
        lines = lines[:-1]
    for at, line in enumerate(lines):
        if line and line[0] not in "-+ ":
            raise source.wrong(first + 1 + at, "the line begins with no sign", "put -, + or a blank in front")
    if not any(line[:1] in ("-", "+") for line in lines):
        raise source.wrong(first, "the edit changes nothing", "write a line with - or + below")
    # Editors take away a blank at the end of a line: an empty line is one that stays.
    return tuple(line or " " for line in lines)
