"""What is said of a tracer that never came so far, where the checks of the frames must keep still."""

from __future__ import annotations

import dataclasses

import pytest

from grader.checks.network import everything_passed, frames_arrived, judged, link_of
from grader.observation import FrameCount, KernelFacts, LinkFacts, Observation
from grader.verdict import Outcome
from tests.exercises.simulated import observation
from tests.grader.runs import finding

LINK = LinkFacts("lab0", True, 0, 9, {"arp": FrameCount(9, 378)})
RUN = dataclasses.replace(observation("10-hello-xdp", 1, (), [], 5), kernel=KernelFacts(link=LINK))


def not_ready(seen: Observation) -> Observation:
    return dataclasses.replace(
        seen, kernel=KernelFacts(), tracer=dataclasses.replace(seen.tracer, ready=False)
    )


def test_frames_say_nothing_of_a_tracer_that_was_never_ready() -> None:
    assert judged(RUN)
    assert not judged(not_ready(RUN))
    assert frames_arrived(not_ready(RUN), 10_000) is None


def test_frames_that_did_not_come_in_are_told_with_both_numbers() -> None:
    assert frames_arrived(RUN, 9) is None
    assert frames_arrived(RUN, 11) == "11 frames were sent, and the interface received 9"


def test_an_exercise_that_forgot_to_ask_for_a_network_is_our_mistake() -> None:
    with pytest.raises(ValueError, match="does the exercise say that it needs one"):
        link_of(dataclasses.replace(RUN, kernel=KernelFacts()))


def test_one_frame_that_did_not_go_on_is_a_dropped_one() -> None:
    less = dataclasses.replace(LINK, arrived={"arp": FrameCount(8, 336)})
    found = finding(everything_passed, dataclasses.replace(RUN, kernel=KernelFacts(link=less)))
    assert (finding(everything_passed, RUN).outcome, found.outcome, found.cause) == (
        Outcome.PASS,
        Outcome.FAIL,
        "packets_dropped",
    )
    assert "dropped 1" in found.message
