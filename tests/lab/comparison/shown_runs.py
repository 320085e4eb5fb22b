"""Recorded runs of the solutions, changed as tracers with mistakes print them, and how they are shown."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

from rich.console import Console

from grader.observation import Observation, Report
from lab import checkout
from lab.comparison.compare import Comparison, compare
from lab.comparison.drawn import drawn
from lab.comparison.reference_run import recorded

Document = dict[str, Any]


@cache
def run_of(slug: str) -> Observation:
    """The recorded run of the solution."""
    seen = recorded(checkout.exercise(slug))
    assert seen is not None
    return seen


def with_events(slug: str, change: Callable[[int, Document], Document | None]) -> Observation:
    """The solution's run with another list of events; None leaves an event out."""
    seen = run_of(slug)
    assert isinstance(seen.report, Report)
    events = (change(place, dict(event)) for place, event in enumerate(seen.report.document["events"]))
    document = {**seen.report.document, "events": [event for event in events if event is not None]}
    return replace(seen, report=Report(document, bytes=9))


def longer(factor: float, every: int = 1) -> Callable[[int, Document], Document]:
    """Durations so many times as long, of each `every`th event."""

    def change(place: int, event: Document) -> Document:
        name = "duration_ns" if "duration_ns" in event else "latency_ns"
        return {**event, name: int(event[name] * factor)} if place % every == 0 else event

    return change


def compared(seen: Observation) -> Comparison:
    """Beside the solution's run."""
    return compare(checkout.exercise(seen.exercise), seen, run_of(seen.exercise))


@cache
def right(slug: str) -> Comparison:
    """The solution's run, beside itself."""
    return compared(run_of(slug))


def picture(comparison: Comparison, width: int) -> str:
    """As a terminal of this width would show it, without colours."""
    out = io.StringIO()
    Console(file=out, width=width, highlight=False).print(drawn(comparison, width))
    return out.getvalue()
