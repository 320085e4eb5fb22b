"""A comparison as a picture for a terminal of 60 columns or more: the sentences' numbers, with bars."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from grader.written.printable import printable
from lab.comparison import in_words as words
from lab.comparison.bars import (
    BOTH,
    LONGEST_BAR,
    LOWER,
    LOWER_STYLE,
    UPPER,
    UPPER_STYLE,
    bar,
    cells,
    columns,
    indented,
    legend,
    room,
    title,
)
from lab.comparison.compare import Comparison, Row
from lab.comparison.distribution import Bin, Distribution
from lab.comparison.probe_costs import Cost, CostTable
from lab.comparison.quantity import duration, number
from lab.comparison.worst_events import WorstEvent

MOST_WIDTH = 110
MOST_TIMES = 4
"""A reported number above so many times the largest right one does not set the scale."""
WRONG = "bold red"


def drawn(comparison: Comparison, width: int) -> RenderableType:
    """All of it; print it without soft wrapping."""
    width = min(width, MOST_WIDTH)
    parts: list[RenderableType] = [
        title("Numbers, expected and reported"),
        legend("expected"),
        counts(comparison.rows, width),
    ]
    for place, one in enumerate(comparison.distributions):
        parts += ["", title(words.heading(one))]
        parts += [] if place else [legend("recorder", "; by square root")]
        parts += durations(one, width)
    if comparison.distributions:
        parts += ["", title(words.worst_heading(comparison)), *time_line(comparison, width)]
    table = comparison.costs
    if table.rows:
        parts += ["", title(words.COST), legend("solution"), costs(table, width)]
        parts += [indented(Text(note, style="dim")) for note in table.notes]
    return Group(*parts)


def counts(rows: tuple[Row, ...], width: int) -> RenderableType:
    """Expected against reported, with a word for each difference."""
    known, own = [row for row in rows if row.sent is not None], [row for row in rows if row.sent is None]
    shown = [*known, *own[: words.MOST_OWN_ROWS]]
    bars = room(width, [printable(row.name) for row in shown], 46)
    longest = longest_of_each_kind(known)
    table = columns(width, "", "expected", "reported", "", *[""] * bool(bars))
    for row in shown:
        parts: list[RenderableType] = [
            Text(printable(row.name)),
            words.expected(row),
            number(row.reported),
            Text(row.mark, style="" if row.agrees or row.reported is None else WRONG),
        ]
        if bars and row.sent is not None:
            parts.append(bar(row.sent, row.reported, longest[kind(row)], bars))
        table.add_row(*parts)
    more = len(own) - words.MOST_OWN_ROWS
    last = [f"and {more} more numbers that only your tracer has"] if more > 0 else []
    return indented(Group(table, *last))


def kind(row: Row) -> str:
    """What a number counts, as far as its name says: packets have another scale than bytes."""
    return row.name.partition(".")[0] if "." in row.name else ""


def longest_of_each_kind(rows: Sequence[Row]) -> dict[str, float]:
    """The largest number of each kind on either side, but no absurd one of the tracer's."""
    sent: dict[str, float] = defaultdict(float)
    for row in rows:
        sent[kind(row)] = max(sent[kind(row)], row.sent or 0)
    longest = dict(sent)
    for row in rows:
        name, told = kind(row), row.reported or 0
        longest[name] = max(longest[name], told if told <= MOST_TIMES * sent[name] else 0)
    return longest


def durations(one: Distribution, width: int) -> Iterator[RenderableType]:
    """Both distributions bin by bin, the percentiles beside their bins, and the plateaus."""
    yield indented(words.totals(one))
    table = columns(width, "from", "to", "recorder", "yours", "", "")
    bins = one.filled_bins()
    tallest = math.sqrt(max((max(each.planted, each.reported) for each in bins), default=1))
    for each in bins:
        halves = math.sqrt(each.planted), math.sqrt(each.reported)
        table.add_row(
            duration(each.low_ns),
            duration(each.high_ns),
            number(each.planted),
            number(each.reported),
            bar(*halves, tallest, max(8, min(LONGEST_BAR, width - 54))),
            Text(marks(one, each), style="bold"),
        )
    yield indented(table)
    yield indented(percentiles(one, width))
    if one.plateaus:
        yield indented(plateaus(one, width))


def marks(one: Distribution, place: Bin) -> str:
    """Which percentiles lie in this bin, and whose: `p50`, or `p50 yours` where the two are apart."""
    said = []
    for each in one.percentiles:
        ours, theirs = place.holds(each.recorded_ns), place.holds(each.reported_ns)
        if ours or theirs:
            said.append(each.name + ("" if ours and theirs else " recorder" if ours else " yours"))
    return ", ".join(said)


def percentiles(one: Distribution, width: int) -> Table:
    """Of the graded durations, or of all."""
    table = columns(width, "graded" if one.plateaus else "", "recorder", "yours", "")
    for each in one.percentiles:
        plateau = f"in {each.plateau}" if each.plateau else ""
        table.add_row(each.name, duration(each.recorded_ns), duration(each.reported_ns), plateau)
    return table


def plateaus(one: Distribution, width: int) -> Table:
    """What decides: how many of each planted length are right."""
    table = columns(width, "plateau", "recorded", "right", "off", "missing", "allowed")
    for result in one.plateaus:
        total, bad, missing = len(result.pairs), result.bad, result.missing
        numbers = map(number, (total, total - bad, bad - missing, missing, result.allowed))
        style = WRONG if bad > result.allowed else ""
        table.add_row(words.plateau_range(result.plateau), *numbers, style=style)
    return table


def time_line(comparison: Comparison, width: int) -> Iterator[RenderableType]:
    """The run from READY to SIGINT with the events' numbers on it, then each event's three durations."""
    if not comparison.worst:
        yield indented(words.NOTHING_OFF)
        return
    length = width - 6
    yield Text(f"  ├{spots([one.at_ns / max(1, comparison.run_ns) for one in comparison.worst], length)}┤")
    yield Text(f"  0 s{duration(comparison.run_ns):>{length - 1}}")
    for place, one in enumerate(comparison.worst, 1):
        yield from event(place, one, width)


def spots(shares: Sequence[float], length: int) -> str:
    """A line with a digit at each share of it, ascending; those that lie close stand beside each other."""
    line, free = ["─"] * length, 0
    for place, share in enumerate(shares, 1):
        at = min(max(round(share * (length - 1)), free), length - 1 - len(shares) + place)
        line[at], free = str(place), at + 1
    return "".join(line)


def event(place: int, one: WorstEvent, width: int) -> Iterator[Text]:
    """One event; its bars have a scale of their own, the longest of the three."""
    values = (one.planted.duration_ns if one.planted else None, one.pair.planted_ns, one.pair.reported_ns)
    longest = max(value or 0 for value in values)
    yield Text.assemble((f"  {place}  ", "bold"), printable(words.where(one)))
    styles = ("", UPPER_STYLE, LOWER_STYLE)
    for (what, told), value, style in zip(words.three_durations(one).items(), values, styles, strict=True):
        # Halves as in the other pictures: what was really so above, the tracer's below.
        half = {UPPER_STYLE: UPPER, LOWER_STYLE: LOWER}.get(style, BOTH)
        yield Text.assemble(f"     {what:<9} {told:<33} ", (half * cells(value, longest, width - 50), style))
    yield Text(f"     {words.standing(one)}", style=WRONG if one.pair.bad else "")


def costs(table: CostTable, width: int) -> RenderableType:
    """Nanoseconds a run, beside the solution's."""
    known = [cost.ns_per_run or 0 for row in table.rows for cost in (row.yours, row.reference) if cost]
    bars = room(width, [printable(row.probe) for row in table.rows], 36)
    shown = columns(width, "", "runs", "yours", "solution", *[""] * bool(bars))
    for row in table.rows:
        yours, solution = (one.ns_per_run if one else None for one in (row.yours, row.reference))
        shown.add_row(
            Text(printable(row.probe)),
            number(row.yours.runs if row.yours else None),
            each_run(row.yours),
            each_run(row.reference),
            *([bar(solution, yours, max(known, default=0), bars)] if bars else []),
        )
    return indented(shown)


def each_run(cost: Cost | None) -> str:
    """What one run took; a dash where nothing is there, or no time is known."""
    return "-" if cost is None or cost.ns_per_run is None else number(round(cost.ns_per_run))
