"""Real runs of the solutions, as they were recorded on a lab host, and reports made of theirs."""

from __future__ import annotations

import copy
import dataclasses
from functools import cache
from typing import Any

from grader.exercise import Numbers
from grader.observation import Observation, Report
from grader.verdict import Finding
from grader.written.observation_file import load
from tests.exercises.first_failure import first_failure
from tests.exercises.simulated import ROOT

SLUGS = sorted(path.parent.name for path in (ROOT / "solutions").glob("*/observation.json.gz"))
"""Of the exercises that have one."""
WHOLE_TABLES = ("02-hello-world", "03-workload")
"""Their tables hold only what was counted; so do the misconceptions' numbers."""


@cache
def recorded(slug: str) -> Observation:
    """The run that lies beside the solution, read once."""
    return load(ROOT / "solutions" / slug / "observation.json.gz")


def printed(slug: str, numbers: Numbers) -> dict[str, Any]:
    """The solution's report with these numbers in place of its own."""
    report = recorded(slug).report
    assert isinstance(report, Report)
    document: dict[str, Any] = copy.deepcopy(dict(report.document))
    if slug in WHOLE_TABLES:
        document |= {path.partition(".")[0]: {} for path in numbers}
    for path, number in numbers.items():
        *parents, key = path.split(".")
        place = document
        for parent in parents:
            place = place.setdefault(parent, {})
        place[key] = number
    return document


def failure(slug: str, document: dict[str, Any]) -> Finding:
    """What the first check says that fails, had the solution printed this."""
    return first_failure(dataclasses.replace(recorded(slug), report=Report(document, bytes=9)))
