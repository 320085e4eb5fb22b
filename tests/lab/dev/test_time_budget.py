"""Which stages of a test run are begun when time is short."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lab.dev.tally import Tally, one
from lab.dev.time_budget import TestStage, in_turn, run_stages


class Machine:
    """Its clock moves when a stage runs: `pace` times as long as usual."""

    def __init__(self, pace: float) -> None:
        self.pace, self.now_s, self.ran = pace, 1000.0, []  # type: tuple[float, float, list[str]]

    def clock(self) -> float:
        return self.now_s

    def stage(self, name: str, usual_s: float, must_run: bool = False, good: bool = True) -> TestStage:
        return TestStage(name, usual_s, self._work(name, usual_s, good), must_run)

    def _work(self, name: str, usual_s: float, good: bool) -> Callable[[], Tally]:
        def work() -> Tally:
            self.ran.append(name)
            self.now_s += usual_s * self.pace
            return one(name, good)

        return work


def stages(machine: Machine) -> list[TestStage]:
    return [
        machine.stage("units", 100, must_run=True),
        *(machine.stage(f"exercise {number}", 50) for number in (1, 2, 3)),
    ]


def test_without_a_limit_every_stage_runs() -> None:
    machine = Machine(pace=5)
    assert run_stages(stages(machine), clock=machine.clock).passed == 4
    assert machine.ran == ["units", "exercise 1", "exercise 2", "exercise 3"]


def test_what_would_not_end_in_time_at_this_pace_is_left_out_and_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    machine = Machine(pace=2)
    run_stages(stages(machine), limit_s=330, clock=machine.clock)
    assert machine.ran == ["units", "exercise 1"]
    assert "left out because of the time: exercise 2, exercise 3" in capsys.readouterr().err


def test_a_quicker_machine_runs_more_in_the_same_time() -> None:
    machine = Machine(pace=1)
    run_stages(stages(machine), limit_s=330, clock=machine.clock)
    assert machine.ran == ["units", "exercise 1", "exercise 2", "exercise 3"]


def test_a_short_stage_still_runs_where_a_long_one_does_not_fit() -> None:
    machine = Machine(pace=1)
    some = [machine.stage("units", 100, True), machine.stage("long", 500), machine.stage("short", 20)]
    run_stages(some, limit_s=200, clock=machine.clock)
    assert machine.ran == ["units", "short"]


def test_what_must_run_runs_even_when_the_time_is_up() -> None:
    machine = Machine(pace=1)
    some = [machine.stage("units", 100, True), machine.stage("host", 100, True), machine.stage("more", 1)]
    run_stages(some, limit_s=150, clock=machine.clock)
    assert machine.ran == ["units", "host"]


def test_another_rotation_begins_with_another_stage() -> None:
    machine = Machine(pace=1)
    names = [[stage.name for stage in in_turn(stages(machine), rotation)] for rotation in (0, 1, 5)]
    assert names[0] == ["units", "exercise 1", "exercise 2", "exercise 3"]
    assert names[1] == ["units", "exercise 2", "exercise 3", "exercise 1"]
    assert names[2] == ["units", "exercise 3", "exercise 1", "exercise 2"]


def test_what_failed_is_in_the_sum() -> None:
    machine = Machine(pace=1)
    some = [machine.stage("units", 1, good=False), machine.stage("more", 1)]
    assert run_stages(some, clock=machine.clock) == Tally(1, ("units",))


def test_a_stage_that_builds_what_is_missing_does_not_make_the_machine_look_slow() -> None:
    machine = Machine(pace=1)
    building = TestStage("host", 10, machine.stage("host", 300).run, must_run=True, tells_pace=False)
    run_stages([*stages(machine), building], limit_s=600, clock=machine.clock)
    assert machine.ran == ["units", "host", "exercise 1", "exercise 2", "exercise 3"]
