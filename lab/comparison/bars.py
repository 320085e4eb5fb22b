"""Bars and columns of a terminal.

A bar has an upper half for what was really so and a lower half for the tracer's: where both are, it is whole.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.written.printable import printable

ROOMY = 76
"""Fewer columns leave no room for bars beside numbers, and one blank between two columns."""
LEAST_BAR, LONGEST_BAR = 6, 30
BOTH, UPPER, LOWER = "█", "▀", "▄"
UPPER_STYLE, LOWER_STYLE = "blue", "yellow"


def title(text: str) -> Text:
    """A heading."""
    return Text(printable(text), style="bold")


def legend(upper: str, more: str = "") -> Text:
    """What the halves of a bar are."""
    halves = (UPPER, UPPER_STYLE), f" {upper}  ", (LOWER, LOWER_STYLE), " your tracer  "
    return Text.assemble("  ", *halves, f"{BOTH} both{more}")


def indented(part: RenderableType) -> Padding:
    """Below its heading; all lines of it."""
    return Padding(part, (0, 0, 0, 2), expand=False)


def bar(upper: float | None, lower: float | None, longest: float, width: int) -> Text:
    """Two values over each other; anything above 0 can be seen."""
    one, two = (cells(value, longest, width) for value in (upper, lower))
    rest = (UPPER * (one - two), UPPER_STYLE) if one > two else (LOWER * (two - one), LOWER_STYLE)
    return Text.assemble(BOTH * min(one, two), rest)


def cells(value: float | None, longest: float, width: int) -> int:
    """How long a bar is."""
    if not value or not value > 0 or not longest > 0:
        return 0
    return round(min(width, max(1, width * value / longest)))


def room(width: int, texts: Sequence[str], others: int) -> int:
    """Columns for a bar beside the longest of these texts and `others` more; 0 when there are too few."""
    left = width - max(map(len, texts), default=0) - others
    return min(LONGEST_BAR, left) if left >= LEAST_BAR else 0


def columns(width: int, *names: str) -> Table:
    """A table without lines; its first column is text, the named ones after it are numbers."""
    table = Table(box=None, pad_edge=False, padding=(0, 2 if width >= ROOMY else 1, 0, 0), show_edge=False)
    for place, name in enumerate(names):
        table.add_column(name, justify="right" if place and name else "left", overflow="fold")
    return table
