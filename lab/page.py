"""The last verdict as a page of its own: one HTML file that needs nothing else."""

from __future__ import annotations

from pathlib import Path

import jinja2

from grader.exercise import Exercise
from grader.observation import Observation
from grader.verdict import Verdict
from lab import distribution
from lab.comparison import Comparison, compare


def html_page(exercise: Exercise, verdict: Verdict, seen: Observation) -> str:
    """The whole page. What a tracer printed is escaped: it is somebody's input."""
    folder = Path(__file__).parent
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
    )
    environment.globals.update(
        number=number, outline=distribution.outline, ticks=distribution.ticks, duration=distribution.duration
    )
    return environment.get_template("page.html.j2").render(
        title=f"{exercise.number}. {exercise.title}", verdict=verdict, seen=compare(exercise, seen)
    )


def text_page(comparison: Comparison) -> str:
    """The distributions and worst events for a terminal."""
    lines = []
    for one in comparison.distributions:
        low, high = distribution.duration(one.edges_ns[0]), distribution.duration(one.edges_ns[-1])
        lines += [
            f"{one.name}  ({low} to {high}, {sum(one.planted)} recorded, {sum(one.reported)} reported)",
            f"  recorder    |{distribution.sparkline(one.planted, one.tallest)}|",
            f"  your tracer |{distribution.sparkline(one.reported, one.tallest)}|",
        ]
    if comparison.worst:
        lines.append("furthest off:")
    lines += [
        f"  {one.syscall} in thread {one.pair.tid}: recorder {distribution.duration(one.pair.planted_ns)}, "
        f"your tracer {distribution.duration(one.pair.reported_ns)}"
        for one in comparison.worst
    ]
    return "\n".join(lines)


def number(value: float | None) -> str:
    """A count or a measured number, short; a dash for one that is not there."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.3f}"
