"""Exercise @NUMBER@: what must be true of a tracer. `grader/checks/__init__.py` says how such a list is
written."""

from __future__ import annotations

from grader.checks import attached, clean_exit, loaded, ran, ready, report_readable
from grader.exercise import Check, Expected
from grader.found import Found, why
from grader.observation import Observation
from grader.place import kprobe
from grader.report.fields import Fields, report_fields
from grader.sentences import unsaid
from grader.truth.counts import Count, compare_table

from .traffic import truth

EXECVE = kprobe("execve")


def read_report(report: Fields) -> dict[str, int]:
    """Name of the caller -> number of calls. Raises ReportProblem."""
    return report.counts("counts")


def calls_of_each_caller(seen: Observation) -> Found:
    """The planted callers' numbers; who else is in the report does not matter."""
    got, expected = read_report(report_fields(seen)), truth(seen)
    shown = {name: got.get(name, 0) for name in expected}
    return compare_table(shown, expected, unit="calls", whys=[why("callers_wrong")])


CHECKS: tuple[Check, ...] = (
    loaded,
    ready,
    attached(EXECVE, name="kprobe_on_execve", title="a kprobe of yours is on the entry of execve"),
    clean_exit,
    report_readable(read_report),
    ran(EXECVE, due=lambda seen: {EXECVE: sum(truth(seen).values(), Count(0))}),
    Check(
        "calls_of_each_caller",
        "each caller's calls of execve are counted, those that failed too",
        calls_of_each_caller,
        unsaid("callers_wrong"),  # said in sentences.toml
    ),
)


def summary(seen: Observation) -> Expected:
    """What `lab run` shows as really sent."""
    return {f"counts.{name}": count for name, count in truth(seen).items()}
