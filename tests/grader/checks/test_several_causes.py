"""Where more than one mistake gives the same numbers, the finding says so."""

from grader.checks.making import likeliest
from grader.checks.quotients import Quotient, quotients
from grader.checks.requests import Candidate, requests_told_by_calls
from grader.observation import Observation
from grader.truth.counts import Count
from tests.grader.runs import reporting


def test_the_first_cause_stands_and_every_hint_is_told_once() -> None:
    assert likeliest([]) == ("", "")
    assert likeliest([("full", "make it larger")]) == ("full", "make it larger")
    assert likeliest([("full", "make it larger"), ("again", "make it larger")]) == ("full", "make it larger")
    cause, hint = likeliest([("full", "make it larger"), ("one_cpu", "add them up")])
    assert cause == "full"
    assert "more than one mistake" in hint and "make it larger; or add them up" in hint


def test_a_number_of_requests_that_is_two_other_numbers_too_is_told_with_both() -> None:
    def others(seen: Observation) -> list[Candidate]:
        return [("connections_counted", 13, "connections"), ("wake_ups_counted", 13, "wake-ups")]

    check = requests_told_by_calls(lambda seen: 13, "http", others, name="requests", title="right")
    found = check(reporting({}))
    assert found.cause == "connections_counted"
    assert "connections; or wake-ups" in found.hint


def test_a_quotient_that_two_divisors_give_is_told_with_both() -> None:
    quotient = Quotient(
        {"readv": Count(30)}, 10, {"the connections": 15, "the gRPC requests": 15}, {"readv": Count(27)}
    )
    check = quotients(lambda seen: quotient, "per_request", "per_request", "right")
    found = check(reporting({"per_request": {"readv": 2.0}}))
    assert found.cause == "wrong_divisor"
    assert "the connections" in found.hint and "the gRPC requests" in found.hint


def test_a_rounded_quotient_may_also_be_another_divisor() -> None:
    quotient = Quotient({"readv": Count(31)}, 30, {"the connections": 31}, {"readv": Count(27)})
    check = quotients(lambda seen: quotient, "per_request", "per_request", "right")
    found = check(reporting({"per_request": {"readv": 1.0}}))
    assert found.cause == "rounded"
    assert "the connections" in found.hint
