"""Exercise 3, judged from a real run: what is taken for requests, and divided by them."""

from __future__ import annotations

import pytest

from grader.verdict import Outcome

from .recorded_run import CONNECTIONS, GRPC, HTTP, failure, in_target, report, table, verdict

DATA = table(lambda call: call.in_target and call.ret > 0)
REQUESTS = {
    "connections_counted": CONNECTIONS,
    "ends_counted": table(in_target)["http"]["readv"],
    "wake_ups_counted": DATA["unix"]["recvfrom"],
    "all_protocols_counted": HTTP + GRPC,
    "count_zero": 0,
}


@pytest.mark.parametrize("cause", REQUESTS)
def test_what_was_taken_for_http_requests_is_named(cause: str) -> None:
    document = report(requests={"http": REQUESTS[cause], "grpc": None})
    assert failure(document) == ("http_requests", cause)


def test_a_number_of_wake_ups_is_told_with_the_row_it_stands_in() -> None:
    document = report(requests={"http": DATA["unix"]["recvfrom"], "grpc": None})
    assert any("unix.recvfrom" in one.hint for one in verdict(document).checks)


@pytest.mark.parametrize("call", ["recvmsg", "sendmsg"])
def test_calls_that_are_taken_for_grpc_requests_are_named(call: str) -> None:
    document = report(requests={"http": HTTP, "grpc": DATA["grpc"][call]})
    assert failure(document) == ("grpc_requests", "calls_taken_for_requests")


def quotients(divisor: float, digits: int = 9) -> dict[str, float]:
    """Calls for one request, as this divisor gives them."""
    rows = table(in_target)["http"]
    return {call: round(rows[call] / divisor, digits) for call in ("readv", "writev")}


@pytest.mark.parametrize(
    ("wrong", "cause"),
    [
        (quotients(CONNECTIONS), "wrong_divisor"),
        (quotients(HTTP + GRPC), "wrong_divisor"),
        (quotients(GRPC), "wrong_divisor"),
        (quotients(HTTP, 0), "rounded"),
        ({"readv": 0.0, "writev": 0.0}, "nothing_divided"),
        ({"readv": 1.0}, "report_field"),
    ],
)
def test_a_wrong_quotient_is_named(wrong: dict[str, float], cause: str) -> None:
    assert failure(report(per_request=wrong)) == ("per_request", cause)


def test_quotients_of_calls_with_data_look_rounded_and_both_are_said() -> None:
    told = verdict(report(per_request={"readv": 1.0, "writev": 1.0}))
    failed = next(one for one in told.checks if one.outcome is Outcome.FAIL)
    assert (failed.name, failed.cause) == ("per_request", "rounded")
    assert "rounded numbers" in failed.hint and "divide all calls" in failed.hint
    told = verdict(report(per_request={"readv": 1.001, "writev": 1.001}))
    failed = next(one for one in told.checks if one.outcome is Outcome.FAIL)
    assert (failed.name, failed.cause) == ("per_request", "data_divided")
