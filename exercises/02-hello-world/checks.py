"""Exercise 2: what must be true of a tracer that counts execve by caller."""

from __future__ import annotations

from grader.checks import attached, clean_exit, loaded, own_tracing, ran, ready, report_readable
from grader.exercise import Check, Expected
from grader.found import Found, passed, why
from grader.observation import Observation
from grader.place import Place
from grader.report.fields import Fields, report_fields
from grader.sentences import said_in, unsaid
from grader.truth.counts import Count, compare_table

from .trace_buffer import EXECVE, counted
from .traffic import planted, truth
from .why_wrong import why_wrong


def read_report(report: Fields) -> dict[str, int]:
    """Name of the caller -> number of calls."""
    return report.counts("counts")


def due(seen: Observation) -> dict[Place, Count]:
    """How often the tracer's program had to run at least. Not more: the lab itself starts programs too."""
    return {EXECVE: sum(truth(seen).values(), Count(0))}


def calls_of_each_caller(seen: Observation) -> Found:
    """The planted callers' numbers; who else is in the report does not matter."""
    expected, got = truth(seen), read_report(report_fields(seen))
    shown = {name: got.get(name, 0) for name in expected}
    return compare_table(shown, expected, unit="calls", whys=why_wrong(seen, expected, got))


def callers_that_only_fork(seen: Observation) -> Found:
    """Callers that never called execve."""
    got = read_report(report_fields(seen))
    quiet = [name for name in planted(seen, "forks") if name not in truth(seen)]
    if not any(got.get(name) for name in quiet):
        return passed("callers that only forked are not in your report")
    shown = {name: got.get(name, 0) for name in quiet}
    return compare_table(shown, {name: Count(0) for name in quiet}, unit="calls", whys=[why("forks_counted")])


CHECKS: tuple[Check, ...] = (
    loaded,
    ready,
    own_tracing,
    attached(EXECVE, name="kprobe_on_execve", title="a kprobe of yours is on the entry of execve"),
    clean_exit,
    report_readable(read_report),
    Check(
        "counted_in_the_kernel",
        "your numbers come from your probe, through a map",
        counted,
        unsaid("trace_pipe_counted", "no_map"),
    ),
    ran(EXECVE, due=due),
    Check(
        "calls_of_each_caller",
        "each caller's calls of execve are counted, those that failed too",
        calls_of_each_caller,
        said_in("maps")
        | unsaid("attached_twice", "names_as_bytes", "names_changed", "set_to_one", "names_cut")
        | unsaid("callers_unknown", "report_empty", "callers_wrong"),
    ),
    Check(
        "callers_that_only_fork",
        "a caller that only forks is not in your report",
        callers_that_only_fork,
        unsaid("forks_counted"),
        needs=("calls_of_each_caller",),
    ),
)


def summary(seen: Observation) -> Expected:
    """What `lab run` shows as really sent."""
    return {f"counts.{name}": count for name, count in truth(seen).items() if count.inside}
