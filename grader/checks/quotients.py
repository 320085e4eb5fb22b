"""Calls for one request: a number of calls divided by a number of requests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from grader.exercise import Check
from grader.found import Found, Why, failed, passed, why
from grader.observation import Observation
from grader.report.fields import report_fields
from grader.sentences import said_in
from grader.truth.counts import Count

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
    """A check that the report's `field` holds calls / requests for each call."""

    def run(seen: Observation) -> Found:
        truth, reported = read(seen), report_fields(seen).fields(field)
        got = {call: reported.number(call) for call in truth.calls}
        expected = {call: count.inside / truth.requests for call, count in truth.calls.items()}
        shown = ", ".join(f"{call} {expected[call]:.3f} (yours {got[call]:.3f})" for call in got)
        if all(_is_right(got[call], count, truth.requests) for call, count in truth.calls.items()):
            return passed(f"per request: {shown}", expected=expected, got=got)
        return failed(
            *_likely(field, truth, expected, got),
            numbers=f"per request: {shown}; {SLACK} more or less is right",
            expected=expected,
            got=got,
            tolerance=SLACK,
        )

    return Check(name, title, run, said_in("quotients"))


def _is_right(got: float, count: Count, requests: int) -> bool:
    return count.inside / requests - SLACK <= got <= count.high / requests + SLACK


def _likely(
    field: str, truth: Quotient, expected: Mapping[str, float], got: Mapping[str, float]
) -> list[Why]:
    """How the quotients came about."""
    if not any(got.values()):
        return [why("nothing_divided", field=field)]
    fitting = []
    if all(any(abs(round(expected[call], n) - got[call]) < 1e-9 for n in (0, 1)) for call in got):
        fitting.append(why("rounded", field=field))
    if all(_is_right(got[call], count, truth.requests) for call, count in truth.with_data.items()):
        fitting.append(why("data_divided", field=field))
    fitting += [
        why("divided_by", divisor=words)
        for words, divisor in truth.other_divisors.items()
        if divisor
        and all(abs(count.inside / divisor - got[call]) < 0.01 for call, count in truth.calls.items())
    ]
    return fitting or [why("wrong_divisor", field=field)]
