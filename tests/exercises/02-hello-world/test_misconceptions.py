"""Exercise 2: misconceptions on the recorded run, counted from it anew."""

from __future__ import annotations

from collections import Counter

import pytest

from grader.truth.calls import calls, tasks
from tests.exercises.recorded_runs import failure, recorded
from tests.exercises.simulated import exercise

TWO = recorded("02-hello-world")
EXECS = calls(TWO, "execve", everywhere=True).inside
SUMMARY = exercise("02-hello-world").summary
CALLERS = {key.removeprefix("counts.") for key in (SUMMARY(TWO) if SUMMARY else {})}
ALL = Counter(call.comm for call in EXECS if call.comm in CALLERS)
GOOD = Counter(call.comm for call in EXECS if call.comm in CALLERS and call.ret == 0)
FORKS = Counter({name: count.inside for name, count in tasks(TWO, "fork").items() if name in CALLERS})
STARTED = {"true": tasks(TWO, "exec")["true"].inside}


@pytest.mark.parametrize(
    ("counts", "cause"),
    [
        (GOOD, "failed_execs_left_out"),
        (ALL - GOOD | Counter(STARTED), "program_name_counted"),
        ({"coral-newt": 36, "lilac-ibis": 43}, "callers_unknown"),
    ],
)
def test_a_wrong_count_of_a_recorded_run_is_named(counts: dict[str, int], cause: str) -> None:
    assert failure("02-hello-world", {"counts": dict(counts)}).cause == cause


def test_forks_of_a_recorded_run_are_named() -> None:
    quiet = {name: count.inside for name, count in tasks(TWO, "fork").items()}
    assert failure("02-hello-world", {"counts": dict(ALL + Counter(quiet))}).cause == "forks_counted"
    assert failure("02-hello-world", {"counts": quiet}).cause == "forks_instead_of_execs"
