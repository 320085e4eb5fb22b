"""Calls for one request: a number of calls divided by a number of requests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from grader.checks.making import failed, likeliest, named, passed
from grader.exercise import Check
from grader.observation import Observation
from grader.report.fields import report_fields
from grader.truth.counts import Count
from grader.verdict import Finding

SLACK = 0.005
"""Two decimals are enough, one is not."""


@dataclass(frozen=True)
class Quotient:
    """What must come out, and what else a tracer may have divided by."""

    calls: Mapping[str, Count]
    requests: int
    other_divisors: Mapping[str, int]
    """In words -> the number."""
    with_data: Mapping[str, Count]
    """What comes out when only calls that moved data are divided."""


def quotients(read: Callable[[Observation], Quotient], field: str, name: str, title: str) -> Check:
    """A check that the report's `field` holds calls / requests for each call.

    Causes: `nothing_divided`, `rounded`, `data_divided`, `wrong_divisor`.
    """

    def check(seen: Observation) -> Finding:
        truth, reported = read(seen), report_fields(seen).fields(field)
        got = {call: reported.number(call) for call in truth.calls}
        expected = {call: count.inside / truth.requests for call, count in truth.calls.items()}
        shown = ", ".join(f"{call} {expected[call]:.3f} (yours {got[call]:.3f})" for call in got)
        if all(_is_right(got[call], count, truth.requests) for call, count in truth.calls.items()):
            return passed(f"for one request: {shown}", expected=expected, got=got)
        cause, hint = _likely(truth, expected, got)
        return failed(
            f"for one request: {shown}; {SLACK} more or less is right",
            cause=cause,
            hint=hint,
            expected=expected,
            got=got,
            tolerance=SLACK,
        )

    return named(name, title, check)


def _is_right(got: float, count: Count, requests: int) -> bool:
    return count.inside / requests - SLACK <= got <= count.high / requests + SLACK


def _likely(truth: Quotient, expected: Mapping[str, float], got: Mapping[str, float]) -> tuple[str, str]:
    """How the quotients came about: (cause, hint)."""
    if not any(got.values()):
        return "nothing_divided", "per_request in tracer.py holds 0: is its TODO still open?"
    fitting = []
    if all(any(abs(round(expected[call], n) - got[call]) < 1e-9 for n in (0, 1)) for call in got):
        fitting.append(
            ("rounded", "per_request in tracer.py holds rounded numbers: the fraction is part of the answer")
        )
    if all(_is_right(got[call], count, truth.requests) for call, count in truth.with_data.items()):
        fitting.append(
            ("data_divided", "per_request in tracer.py: divide all calls, also those that returned nothing")
        )
    fitting += [
        ("wrong_divisor", f"in tracer.py you divide by {words}: divide by the requests that made these calls")
        for words, divisor in truth.other_divisors.items()
        if divisor
        and all(abs(count.inside / divisor - got[call]) < 0.01 for call, count in truth.calls.items())
    ]
    otherwise = (
        "wrong_divisor",
        "per_request in tracer.py: all calls of one protocol, by the requests of the same protocol",
    )
    return likeliest(fitting) if fitting else otherwise
