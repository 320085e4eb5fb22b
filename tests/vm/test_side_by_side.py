"""Steps beside each other: all results, the first failure, and no step left over."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from filelock import FileLock

from vm.errors import HostSetupError
from vm.programs import run_program
from vm.side_by_side import Unwanted, in_turn, require_wanted, side_by_side


def test_steps_run_beside_each_other_and_give_their_results_in_order() -> None:
    both = threading.Barrier(2, timeout=30)

    def step(result: str) -> str:
        both.wait()  # neither gets past it alone
        return result

    assert side_by_side(lambda: step("one"), lambda: step("two")) == ["one", "two"]


def test_the_first_failure_is_raised_and_ends_the_programs_beside_it() -> None:
    ended: list[str] = []
    started = threading.Event()

    def long() -> None:
        try:
            run_program(
                ["sh", "-c", "echo on; exec sleep 600"],
                "waiting",
                lambda _l: started.set(),
                look_every_s=0.05,
            )
        finally:
            ended.append("ended")

    def failing() -> None:
        started.wait(30)
        raise HostSetupError("it failed", "lab doctor")

    with pytest.raises(HostSetupError, match="it failed"):
        side_by_side(long, failing)
    assert ended == ["ended"]


def test_ctrl_c_ends_steps_within_steps() -> None:
    seen: list[str] = []
    started = threading.Event()

    def inner() -> None:
        started.set()
        try:
            while True:
                require_wanted()
        except Unwanted:
            seen.append("inner")
            raise

    def interrupted() -> None:
        started.wait(30)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        side_by_side(lambda: side_by_side(inner, lambda: None), interrupted)
    assert seen == ["inner"]


def test_a_step_that_waits_for_another_process_ends_with_the_others(tmp_path: Path) -> None:
    taken = FileLock(tmp_path / "lock", thread_local=False)
    waits = threading.Event()
    entered: list[str] = []

    def waiting() -> None:
        waits.set()
        with in_turn(FileLock(tmp_path / "lock")):
            entered.append("in")

    def failing() -> None:
        waits.wait(30)
        raise HostSetupError("it failed")

    with taken, pytest.raises(HostSetupError):
        side_by_side(waiting, failing)
    assert entered == []
    side_by_side(waiting)
    assert entered == ["in"]


def test_a_step_alone_is_always_wanted() -> None:
    require_wanted()
