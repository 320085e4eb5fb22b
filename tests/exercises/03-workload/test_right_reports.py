"""Exercise 3, judged from a real run: only what is right passes, and only a whole run is evidence."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from grader.judge import judge
from grader.observation import KernelFacts, Observation, RecordedCall, Report
from grader.truth.calls import FOREVER
from grader.verdict import Outcome
from tests.exercises.simulated import exercise

from .recorded_run import (
    CONNECTIONS,
    GRPC,
    HELPER,
    HTTP,
    RUN,
    SLUG,
    Keep,
    failure,
    kind,
    report,
    verdict,
)


def test_the_run_has_what_the_tests_tell_apart() -> None:
    assert CONNECTIONS >= 10 and 0 < HTTP != GRPC > 0 and RUN.tracer.sigint_ns < FOREVER


def test_a_right_report_passes() -> None:
    told = verdict(report())
    assert told.outcome is Outcome.PASS, [one for one in told.checks if one.outcome is not Outcome.PASS]


def test_the_true_number_of_grpc_requests_passes_too() -> None:
    assert verdict(report(requests={"http": HTTP, "grpc": GRPC})).outcome is Outcome.PASS


def test_calls_that_are_not_asked_for_do_no_harm() -> None:
    document = report()
    document["calls"]["http"]["ioctl"] = 7
    document["calls"]["other"] = {"read": 3}
    assert verdict(document).outcome is Outcome.PASS


def test_two_decimals_are_enough() -> None:
    document = report()
    document["per_request"] = {call: round(number, 2) for call, number in document["per_request"].items()}
    assert verdict(document).outcome is Outcome.PASS


def test_an_unknown_kind_is_a_wrong_field() -> None:
    document = report()
    document["calls"]["tcp"] = {"readv": 1}
    assert failure(document) == ("report_readable", "report_field")


def without(keep: Callable[[RecordedCall], bool]) -> Observation:
    """The run as if both recorders had missed some calls."""
    fewer = tuple(dataclasses.replace(one, calls=tuple(filter(keep, one.calls))) for one in RUN.recordings)
    return dataclasses.replace(RUN, recordings=fewer, report=Report(report(), bytes=9))


@pytest.mark.parametrize(
    ("missed", "said"),
    [
        (lambda call: call.in_target and kind(call) == "http" and call.ret == 0, ""),
        (lambda call: call.in_target and kind(call) == "http" and call.syscall == "writev", "http.writev"),
        (lambda call: call.pid == HELPER and call.fd_kind == "pipe", "pipe.read"),
    ],
)
def test_a_recorder_that_missed_what_the_ledger_knows_is_no_evidence(missed: Keep, said: str) -> None:
    told = judge(exercise(SLUG), without(lambda call: not missed(call)))
    if said:
        assert told.outcome is Outcome.ERROR and said in told.checks[0].message
    else:
        assert told.outcome is Outcome.FAIL  # the ledger does not know ends: then the tracer has too many


def at_places_of(*kinds: str) -> KernelFacts:
    """The same programs at the same names, as another kind of place each."""
    attachments = [
        dataclasses.replace(one, kind=kind) for one, kind in zip(RUN.kernel.attachments, kinds, strict=True)
    ]
    return dataclasses.replace(RUN.kernel, attachments=tuple(attachments))


@pytest.mark.parametrize("kinds", [("raw_tracepoint", "raw_tracepoint"), ("tracepoint", "raw_tracepoint")])
def test_raw_tracepoints_of_the_same_names_are_as_good(kinds: tuple[str, str]) -> None:
    seen = dataclasses.replace(RUN, report=Report(report(), bytes=9), kernel=at_places_of(*kinds))
    told = judge(exercise(SLUG), seen)
    assert told.outcome is Outcome.PASS, [one for one in told.checks if one.outcome is not Outcome.PASS]


def test_a_kprobe_of_the_same_name_is_not() -> None:
    seen = dataclasses.replace(RUN, report=Report(report(), bytes=9), kernel=at_places_of("kprobe", "kprobe"))
    found = next(one for one in judge(exercise(SLUG), seen).checks if one.outcome is Outcome.FAIL)
    assert (found.name, found.cause) == ("programs_on_both_tracepoints", "wrong_kind")
