"""Where more than one mistake gives the same numbers, the finding says so."""

from grader.checks.quotients import Quotient, quotients
from grader.checks.requests import Candidate, requests_told_by_calls
from grader.exercise import Check
from grader.found import failed, why
from grader.observation import Observation
from grader.sentences import Sentence
from grader.truth.counts import Count
from tests.grader.runs import finding, reporting

SENTENCES = {
    "full": Sentence(hint="make it larger"),
    "again": Sentence(hint="make it larger"),
    "one_cpu": Sentence(hint="add them up"),
}


def told(*causes: str) -> tuple[str, str]:
    """(cause, hint) of a check that finds all of these."""
    said = finding(Check("c", "t", lambda seen: failed(*map(why, causes)), SENTENCES), reporting({}))
    return said.cause, said.hint


def test_the_first_cause_stands_and_every_hint_is_told_once() -> None:
    assert told() == ("", "")
    assert told("full") == ("full", "make it larger")
    assert told("full", "again") == ("full", "make it larger")
    cause, hint = told("full", "one_cpu")
    assert cause == "full"
    assert "more than one mistake" in hint and "make it larger; or add them up" in hint


def test_a_number_of_requests_that_is_two_other_numbers_too_is_told_with_both() -> None:
    causes = {
        "connections_counted": Sentence(hint="connections"),
        "wake_ups_counted": Sentence(hint="wake-ups"),
    }

    def others(seen: Observation) -> list[Candidate]:
        return [(13, why(cause)) for cause in causes]

    check = requests_told_by_calls(lambda seen: 13, "http", others, causes, name="requests", title="right")
    found = finding(check, reporting({}))
    assert found.cause == "connections_counted"
    assert "connections; or wake-ups" in found.hint


def test_a_quotient_that_two_divisors_give_is_told_with_both() -> None:
    quotient = Quotient(
        {"readv": Count(30)}, 10, {"the connections": 15, "the gRPC requests": 15}, {"readv": Count(27)}
    )
    check = quotients(lambda seen: quotient, "per_request", "per_request", "right")
    found = finding(check, reporting({"per_request": {"readv": 2.0}}))
    assert found.cause == "wrong_divisor"
    assert "the connections" in found.hint and "the gRPC requests" in found.hint


def test_a_rounded_quotient_may_also_be_another_divisor() -> None:
    quotient = Quotient({"readv": Count(31)}, 30, {"the connections": 31}, {"readv": Count(27)})
    check = quotients(lambda seen: quotient, "per_request", "per_request", "right")
    found = finding(check, reporting({"per_request": {"readv": 1.0}}))
    assert found.cause == "rounded"
    assert "the connections" in found.hint
