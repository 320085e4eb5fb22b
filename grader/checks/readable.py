"""Whether the report can be read at all, and has the fields that the exercise asks for."""

from __future__ import annotations

from collections.abc import Callable

from grader.exercise import Check
from grader.found import Found, failed, passed, why
from grader.observation import BadReport, Observation
from grader.report.fields import Fields, ReportProblem
from grader.sentences import said_in

REPORT = said_in("report")


def report_readable(
    read: Callable[[Fields], object],
    *,
    name: str = "report_readable",
    title: str = "your report has the fields the exercise asks for",
) -> Check:
    """A check that there is a report and that `read` (which raises ReportProblem) can read all of it."""

    def run(seen: Observation) -> Found:
        if isinstance(seen.report, BadReport):
            return unreadable(seen.report, seen)
        try:
            read(Fields(seen.report.document))
        except ReportProblem as problem:
            return wrong_field(problem)
        return passed(f"a report of {seen.report.bytes} bytes")

    return Check(name, title, run, REPORT, gate=True)


def unreadable(report: BadReport, seen: Observation) -> Found:
    """There is no report."""
    name = f"report_{report.reason}"
    went_on = report.reason == "none" and seen.tracer.ended_by == "killed"
    said = why(
        name if name in REPORT else "report_unreadable",
        reason=report.reason,
        shown=f": {report.excerpt}" if report.excerpt else "",
        then=": it went on after the lab had asked it to stop, until it was killed" if went_on else "",
    )
    return failed(said, got=report.excerpt or None)


def wrong_field(problem: ReportProblem) -> Found:
    """One field is missing or wrong."""
    return failed(why("report_field", problem=problem))
