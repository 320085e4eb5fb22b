"""The last verdict as a page of its own: one HTML file that needs nothing else."""

from __future__ import annotations

from pathlib import Path

import jinja2

from grader.exercise import Exercise
from grader.verdict import Verdict
from lab.comparison import distribution, in_words
from lab.comparison.compare import Comparison
from lab.comparison.quantity import number


def html_page(exercise: Exercise, verdict: Verdict, comparison: Comparison) -> str:
    """The whole page. What a tracer printed is escaped: it is somebody's input."""
    folder = Path(__file__).parent
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
    )
    environment.globals.update(
        number=number,
        outline=distribution.outline,
        ticks=distribution.ticks,
        across=distribution.across,
        words=in_words,
    )
    return environment.get_template("page.html.j2").render(
        title=f"{exercise.number}. {exercise.title}", verdict=verdict, seen=comparison
    )
