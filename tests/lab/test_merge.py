"""Two changed versions of a text: brought together, or left alone where they meet."""

from __future__ import annotations

import pytest

from lab.merge import Conflict, merged

BASE = ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize(
    ("mine", "theirs", "both"),
    [
        (BASE, ["a", "B", "c", "d", "e"], ["a", "B", "c", "d", "e"]),
        (["a", "B", "c", "d", "e"], BASE, ["a", "B", "c", "d", "e"]),
        (["A", "b", "c", "d", "e"], ["a", "b", "c", "d", "E", "f"], ["A", "b", "c", "d", "E", "f"]),
        (["0", *BASE], [*BASE, "f"], ["0", *BASE, "f"]),
        (["a", "c", "d", "e"], ["a", "b", "c", "d"], ["a", "c", "d"]),
        (["a", "X", "c", "d", "e"], ["a", "X", "c", "d", "E"], ["a", "X", "c", "d", "E"]),
        ([], BASE, []),
    ],
    ids=["theirs", "mine", "far apart", "at both ends", "both removed", "the same change", "all removed"],
)
def test_changes_in_different_places_come_together(
    mine: list[str], theirs: list[str], both: list[str]
) -> None:
    assert merged(BASE, mine, theirs) == both


@pytest.mark.parametrize(
    ("mine", "theirs", "line"),
    [
        (["a", "X", "c", "d", "e"], ["a", "Y", "c", "d", "e"], 2),
        (["a", "X", "c", "d", "e"], ["a", "b", "Y", "d", "e"], 3),
        ([*BASE, "mine"], [*BASE, "theirs"], 6),
        (["a", "b", "e"], ["a", "b", "c", "D", "e"], 4),
    ],
    ids=["the same line", "neighbours", "both at the end", "removed and changed"],
)
def test_changes_that_meet_are_a_conflict_that_names_the_line(
    mine: list[str], theirs: list[str], line: int
) -> None:
    with pytest.raises(Conflict) as caught:
        merged(BASE, mine, theirs)
    assert caught.value.line == line
