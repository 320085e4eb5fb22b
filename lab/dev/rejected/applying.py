"""The files of a rejected tracer: the solution's, with the edits of its list in them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from lab.dev.rejected.edit_list import EditList, FileEdit
from lab.merge import Edit, combined
from lab.website.authoring import AuthoringError

TRACER = "tracer.py"

_DOCSTRING = re.compile(r'""".*"""')
TITLE = re.compile(r"(Exercise \S+), solution: .*")
"""The line with which a file of the solution says what it is."""


class Misfit(AuthoringError):
    """An edit does not fit the solution as it is."""


@dataclass(frozen=True)
class Solution:
    """The files that an edit list changes."""

    slug: str
    files: Mapping[str, bytes]
    """Name -> content, UTF-8."""

    def shown(self, name: str) -> str:
        """What messages call one of its files."""
        return f"solutions/{self.slug}/{name}"

    def lines(self, name: str) -> list[str]:
        """Of one file, without their ends; the last one is empty where the file ends with a line's end."""
        return self.files[name].decode("utf-8").split("\n")


def applied(some: EditList, solution: Solution) -> dict[str, bytes]:
    """Files of the tracer (name -> content). Raises Misfit for an edit that does not fit exactly once.

    The lines on top of the list take the place of the docstring of `tracer.py`; the other files that it
    changes say the same sentence in their title.
    """
    texts = {name: edited(some, name, solution) for name in some.files}
    files = {name: _retitled("\n".join(lines), some.first.mistake) for name, lines in texts.items()}
    first, *rest = texts.get(TRACER) or edited(some, TRACER, solution)
    if not _DOCSTRING.fullmatch(first):
        raise some.source.wrong(
            1,
            f"{solution.shown(TRACER)} does not begin with a docstring, which these lines could replace",
            'begin it with """Exercise N, solution: what it does."""',
        )
    files[TRACER] = "\n".join([some.head, *rest])
    return {**solution.files, **{name: text.encode() for name, text in files.items()}}


def _retitled(text: str, mistake: str) -> str:
    return TITLE.sub(lambda title: f"{title[1]}, rejected: {mistake}", text, count=1)


def edited(some: EditList, name: str, solution: Solution) -> list[str]:
    """Lines of one file of the solution with the list's edits in it, and nothing else. Raises Misfit."""
    places = located(some, name, solution)
    return combined(solution.lines(name), places.values(), ())


def located(some: EditList, name: str, solution: Solution) -> dict[FileEdit, Edit]:
    """What each edit of one file replaces in it. Raises Misfit."""
    mine = [edit for edit in some.edits if edit.file == name]
    if mine and name not in solution.files:
        raise _misfit(
            some,
            mine[0],
            f"{solution.shown(name)} does not exist",
            f"name one of these: {', '.join(sorted(solution.files))}",
        )
    found = {edit: _place(some, edit, solution) for edit in mine}
    in_order = sorted(found.items(), key=lambda pair: pair[1])
    for (one, place), (other, behind) in pairwise(in_order):
        if place.last > behind.first or place.first == behind.first:
            raise _misfit(
                some,
                max(one, other, key=lambda edit: edit.line),
                f"this changes what the edit in line {min(one.line, other.line)} changes too",
                "make one edit of the two",
            )
    return found


def _place(some: EditList, edit: FileEdit, solution: Solution) -> Edit:
    wanted, lines = list(edit.before), solution.lines(edit.file)
    if not wanted:
        raise _misfit(
            some, edit, "the edit has no place", "put the line above it in front of it, behind a blank"
        )
    places = _places(wanted, lines)
    text = "".join(f"\n    {line}" for line in wanted)
    if not places:
        raise _misfit(
            some,
            edit,
            f"{solution.shown(edit.file)} does not have this text:{text}",
            f"where the solution changed: lab dev check {solution.slug} --refit; else correct the text",
        )
    if len(places) > 1:
        numbers = " and ".join(str(at + 1) for at in places)
        raise _misfit(
            some,
            edit,
            f"{solution.shown(edit.file)} has this text more than once, in line {numbers}:{text}",
            "put lines from above or below it into the edit, behind a blank",
        )
    front, behind = edit.around
    return Edit(
        places[0] + front, places[0] + len(wanted) - behind, edit.after[front : len(edit.after) - behind]
    )


def _places(wanted: Sequence[str], lines: Sequence[str]) -> list[int]:
    size = len(wanted)
    return [at for at in range(len(lines) - size + 1) if lines[at : at + size] == wanted]


def _misfit(some: EditList, edit: FileEdit, what: str, fix: str) -> Misfit:
    return Misfit(f"{some.source.path}:{edit.line}: {what}", fix)
