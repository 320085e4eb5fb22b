"""A comparison in sentences, one number after the other: for a file, a plain terminal, a screen reader."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from grader.truth.durations import Plateau, PlateauResult
from grader.written.printable import printable
from lab.comparison.compare import Comparison, Row
from lab.comparison.distribution import Distribution
from lab.comparison.probe_costs import Cost, CostRow
from lab.comparison.quantity import duration, number
from lab.comparison.worst_events import WorstEvent

MOST_OWN_ROWS = 20
"""Numbers that only the tracer has: there may be thousands of them."""
COST = "Cost of each program: nanoseconds a run"
NOTHING_OFF = "No duration differs from the recorder's."


def in_words(comparison: Comparison, width: int | None = None) -> str:
    """All of it; lines of at most `width` characters where one is given."""
    lines: list[str] = []
    for line in map(printable, sentences(comparison)):
        lines += textwrap.wrap(line, width, subsequent_indent="  ") if width and line else [line]
    return "\n".join(lines).strip()


def sentences(comparison: Comparison) -> Iterator[str]:
    """A sentence a line, headings without a full stop, an empty line before each."""
    yield from ("", "Numbers, expected and reported")
    yield from counts(comparison.rows) if comparison.rows else ["None were reported, and none expected."]
    for one in comparison.distributions:
        yield from ("", heading(one), *durations(one))
    if comparison.distributions:
        yield from ("", worst_heading(comparison))
        yield from map(worst_event, range(1, len(comparison.worst) + 1), comparison.worst)
        if not comparison.worst:
            yield NOTHING_OFF
    if comparison.costs.rows:
        yield from ("", COST)
        yield from map(cost, comparison.costs.rows)
        yield from comparison.costs.notes


def counts(rows: tuple[Row, ...]) -> Iterator[str]:
    """Expected against reported; then what nobody can compare."""
    own = [row for row in rows if row.sent is None]
    for row in rows:
        if row.sent is not None:
            told = "not reported" if row.reported is None else f"reported {number(row.reported)}: {row.mark}"
            yield f"{row.name}: expected {expected(row)}, {told}."
    for row in own[:MOST_OWN_ROWS]:
        yield f"{row.name}: reported {number(row.reported)}; nothing to compare it with."
    if len(own) > MOST_OWN_ROWS:
        yield f"And {len(own) - MOST_OWN_ROWS} more numbers that only your tracer has."


def expected(row: Row) -> str:
    """The right number, or the least and the largest right one; a dash where nobody knows."""
    to = f" to {number((row.sent or 0) + row.edge)}" if row.edge else ""
    return number(row.sent) + to


def heading(one: Distribution) -> str:
    """What these durations are of."""
    return f"Durations of {one.name}, {'graded' if one.plateaus else 'shown and not graded'}"


def durations(one: Distribution) -> Iterator[str]:
    """How many, the percentiles, the plateaus, and the bins of both distributions."""
    yield f"{totals(one)}."
    of = " of the graded ones" if one.plateaus else ""
    for each in one.percentiles:
        told = f"recorder {duration(each.recorded_ns)}, your tracer {duration(each.reported_ns)}"
        place = f"; it lies in the plateau {each.plateau}" if each.plateau else ""
        yield f"{each.name}{of}: {told}{place}."
    yield from map(plateau, one.plateaus)
    for each_bin in one.filled_bins():
        between = f"{duration(each_bin.low_ns)} to {duration(each_bin.high_ns)}"
        yield f"{between}: recorder {each_bin.planted}, your tracer {each_bin.reported}."


def totals(one: Distribution) -> str:
    """How many there are on either side."""
    return f"{sum(one.planted)} recorded, {sum(one.reported)} reported, {one.missing} missing"


def plateau(result: PlateauResult) -> str:
    """How many of one planted length are right."""
    total, bad, missing = len(result.pairs), result.bad, result.missing
    told = f"{total} recorded, {total - bad} right, {bad - missing} off, {missing} not reported"
    return f"Plateau {plateau_range(result.plateau)}: {told}; {result.allowed} wrong ones allowed."


def plateau_range(one: Plateau) -> str:
    """A plateau's name and its edges."""
    return (
        f"{one.name} ({duration(one.low_ns)} to {duration(one.high_ns)})" if one.high_ns < 2**62 else one.name
    )


def worst_heading(comparison: Comparison) -> str:
    """What the time line holds."""
    return f"The events furthest off, in a run of {duration(comparison.run_ns)}"


def worst_event(place: int, one: WorstEvent) -> str:
    """Where in the run, and the three durations."""
    three = ", ".join(f"{what} {told}" for what, told in three_durations(one).items())
    return f"Event {place}, {where(one)}: {three}; {standing(one)}."


def where(one: WorstEvent) -> str:
    """When it began, and of what it is."""
    return f"at {one.at_ns / 1e9:.3f} s, {one.name} in thread {one.pair.tid}"


def three_durations(one: WorstEvent) -> dict[str, str]:
    """Planted, recorded, reported; each as people read it."""
    planted = f"{duration(one.planted.duration_ns)} ({one.planted.how})" if one.planted else "not known"
    reported = "nothing" if one.pair.reported_ns is None else duration(one.pair.reported_ns)
    return {"planted": planted, "recorded": duration(one.pair.planted_ns), "reported": reported}


def standing(one: WorstEvent) -> str:
    """Whether it is further off than noise explains."""
    if one.pair.reported_ns is None:
        return "missing"
    off = duration(abs(one.pair.reported_ns - one.pair.planted_ns))
    return f"{off} apart, {'too far' if one.pair.bad else 'within what is allowed'}"


def cost(row: CostRow) -> str:
    """One place: the tracer's programs and the solution's."""
    yours = "yours has none here" if row.yours is None else f"yours {each_run(row.yours)}"
    if row.reference is None:
        return f"{row.probe}: {yours}; the solution has none here."
    return f"{row.probe}: {yours}; the solution's {each_run(row.reference)}."


def each_run(one: Cost) -> str:
    """How often, and for how long each time."""
    took = "no time known" if one.ns_per_run is None else f"{number(round(one.ns_per_run))} ns each"
    return f"{number(one.runs)} runs, {took}"
