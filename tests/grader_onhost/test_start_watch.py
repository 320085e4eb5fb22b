"""Patience with the recorder's start follows what it does, not the clock."""

from __future__ import annotations

import pytest

from grader.onhost.recorder.silence import SILENCE_S, Silence
from grader.onhost.recorder.start_watch import StartWatch


class Stage:
    """A start that says nothing and uses as much CPU time as a test gives it."""

    def __init__(self) -> None:
        self.cpu_s = 0.0
        self.told: list[str] = []
        self.given_up: list[str] = []
        self.watch = StartWatch(self.told.append, lambda: self.cpu_s, self.given_up.append)


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_a_step_that_uses_cpu_time_goes_on_for_an_hour_and_systemd_is_asked_for_more_time(
    stage: Stage,
) -> None:
    stage.watch.step("compiling its eBPF programs")
    for second in range(0, 3600, 30):
        stage.cpu_s += 1.5
        stage.watch.look(second)
    assert stage.given_up == []
    assert set(stage.told) == {"EXTEND_TIMEOUT_USEC=90000000\nSTATUS=compiling its eBPF programs"}
    assert len(stage.told) == 120


def test_a_step_that_does_nothing_is_ended_and_named(stage: Stage) -> None:
    stage.watch.step("attaching fentry/read")
    stage.watch.look(0)
    stage.watch.look(SILENCE_S - 1)
    assert stage.given_up == []
    stage.watch.look(SILENCE_S)
    (why,) = stage.given_up
    assert why == "stuck while attaching fentry/read: it has used no CPU time for 60 s"
    assert len(stage.told) == 1


def test_steps_that_wait_for_the_kernel_and_end_are_progress_without_cpu_time(stage: Stage) -> None:
    for number in range(30):
        stage.watch.step(f"attaching program {number}")
        stage.watch.look(number * (SILENCE_S - 1))
    assert stage.given_up == []


def test_the_little_that_a_sleeper_uses_is_no_progress(stage: Stage) -> None:
    for second, cpu_s in ((0, 5.99), (30, 6.01), (60, 5.99)):
        stage.cpu_s = cpu_s
        stage.watch.look(second)
    assert len(stage.given_up) == 1


def test_silence_begins_anew_with_every_change() -> None:
    silence = Silence()
    looks = [(0, "a"), (10, "a"), (20, "b"), (50, "b")]
    assert [silence.after(at_s, sign) for at_s, sign in looks] == [0, 10, 0, 30]
