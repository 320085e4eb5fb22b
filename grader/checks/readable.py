"""Whether the report can be read at all, and has the fields that the exercise asks for."""

from __future__ import annotations

from collections.abc import Callable

from grader.checks.making import failed, gate, named, passed
from grader.exercise import Check
from grader.observation import BadReport, Observation
from grader.report.fields import Fields, ReportProblem
from grader.verdict import Finding

FIELD_HINT = "compare report({...}) in tracer.py with `What a right run prints` in the exercise's text"
WORDS = {
    "none": (
        "your tracer printed no report",
        "the last line of tracer.py calls report({...}), after wait_for_stop()",
    ),
    "not_json": ("the report is not JSON", "print json.dumps(...) of a dict, or use report({...})"),
    "not_an_object": ("the report is JSON, but no object", "the report begins with { and ends with }"),
    "not_finite": ("the report holds NaN or Infinity, which no measurement is", "guard divisions by zero"),
    "too_large": (
        "the report is larger than 16 MiB",
        "report each event once, and only the fields asked for",
    ),
    "not_utf8": ("the report is not UTF-8 text", 'decode bytes first: comm.decode("utf-8", "replace")'),
    "number_too_large": (
        "the report holds a number of more than 64 bits",
        "no counter in the kernel is so large",
    ),
    "duplicate_key": (
        "the report has the same key twice",
        "use json.dumps or report({...}), not string pieces",
    ),
    "too_deep": ("the report is nested too deep", FIELD_HINT),
}


def report_readable(
    read: Callable[[Fields], object],
    *,
    name: str = "report_readable",
    title: str = "your report has the fields the exercise asks for",
) -> Check:
    """A check that there is a report and that `read` (which raises ReportProblem) can read all of it.

    Causes: `report_<reason>` of a BadReport, e.g. `report_none`, `report_not_finite`; `report_field`.
    """

    def check(seen: Observation) -> Finding:
        if isinstance(seen.report, BadReport):
            return unreadable(seen.report, seen)
        try:
            read(Fields(seen.report.document))
        except ReportProblem as problem:
            return wrong_field(problem)
        return passed(f"a report of {seen.report.bytes} bytes")

    return named(name, title, gate(check))


def unreadable(report: BadReport, seen: Observation) -> Finding:
    """There is no report."""
    message, hint = WORDS.get(report.reason, (f"the report cannot be read ({report.reason})", FIELD_HINT))
    if report.reason == "none" and seen.tracer.ended_by == "killed":
        message += ": it went on when the lab asked it to stop, until it was killed"
    shown = f": {report.excerpt}" if report.excerpt else ""
    return failed(message + shown, cause=f"report_{report.reason}", hint=hint, got=report.excerpt or None)


def wrong_field(problem: ReportProblem) -> Finding:
    """One field is missing or wrong."""
    return failed(f"in the report, {problem}", cause="report_field", hint=FIELD_HINT)
