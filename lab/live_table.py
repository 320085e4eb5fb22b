"""`lab run`: a table that updates while the tracer works, and shows the truth beside it at the end."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from grader.report.fields import flat_numbers
from grader.written.printable import printable
from lab.comparison.compare import Row
from lab.comparison.in_words import expected
from lab.comparison.quantity import number
from lab.terminal import answer, say, talk

MOST_ROWS = 40


class LiveTable:
    """What `lab run` shows. Reports come from another thread than the rest."""

    def __init__(self, title: str, live: Live | None) -> None:
        self._title, self._live = title, live
        self._lock = threading.Lock()
        self._doing = ""
        self._rows: Sequence[Row] = ()

    def progress(self, text: str) -> None:
        """What is being done right now."""
        if self._live is None:
            say(text)
            return
        with self._lock:
            self._doing = text
        self._live.update(self._shown(), refresh=True)

    def report(self, document: Mapping[str, Any]) -> None:
        """The tracer's newest numbers; what was really sent is not known before the end."""
        with self._lock:
            self._rows = [Row(name, value, None) for name, value in flat_numbers(document).items()]
        if self._live is not None:
            self._live.update(self._shown(), refresh=True)

    def finish(self, rows: Sequence[Row]) -> None:
        """Both sides, at the end; on standard output. Nothing where there is nothing to compare."""
        if self._live is not None:
            self._live.update(Text(""), refresh=True)
            self._live.stop()
        if rows:
            answer.print(table(self._title, rows))

    def _shown(self) -> RenderableType:
        with self._lock:
            return Group(table(self._title, self._rows), Text(self._doing, style="dim"))


def table(title: str, rows: Sequence[Row]) -> Table:
    """Numbers side by side; a difference is marked, not only coloured."""
    shown = Table(
        "", "your tracer", "really so", "", title=title, title_justify="left", box=None, pad_edge=False
    )
    for column in shown.columns[1:3]:
        column.justify = "right"
    for row in rows[:MOST_ROWS]:
        # A Text, because the name is the tracer's and brackets in a str are colours.
        shown.add_row(Text(printable(row.name)), number(row.reported), expected(row), row.mark)
    if len(rows) > MOST_ROWS:
        shown.add_row(f"and {len(rows) - MOST_ROWS} more", "", "", "")
    return shown


@contextmanager
def live_table(title: str) -> Iterator[LiveTable]:
    """A table that updates on a terminal; lines of progress where there is none."""
    if not talk.is_terminal:
        yield LiveTable(title, None)
        return
    with Live(console=talk, auto_refresh=False, transient=True) as live:
        yield LiveTable(title, live)
