"""Whether a run holds enough of the planted durations to be graded by."""

import dataclasses

from grader.judging.evidence import plateaus_filled
from grader.observation import Recording
from grader.truth.durations import Plateau
from tests.grader.runs import MS, right_run, true_calls


def test_three_filled_plateaus_are_enough() -> None:
    plateaus = tuple(Plateau(f"{ms} ms", int(ms * 0.9 * MS), int(ms * 1.1 * MS)) for ms in (10, 25, 60, 150))
    never = Plateau("never", 1_000 * MS, 2_000 * MS)
    assert plateaus_filled("epoll_wait", plateaus=(*plateaus[:3], never))(right_run()) is None
    assert plateaus_filled("epoll_wait", plateaus=(*plateaus[:2], never))(right_run()) is not None
    assert plateaus_filled("epoll_wait", plateaus=(*plateaus[:2], never, never))(right_run()) is not None


def test_too_few_planted_waits_and_too_much_noise_are_no_evidence() -> None:
    plateau = Plateau("10 ms", 8 * MS, 16 * MS, least=130)
    assert plateaus_filled("epoll_wait", plateaus=(plateau,))(right_run()) is None
    emptier = plateaus_filled("epoll_wait", plateaus=(dataclasses.replace(plateau, least=131),))
    too_few = "too few planted durations happened: only 130 of at least 131 of 10 ms"
    assert emptier(right_run()) == too_few
    calls = true_calls()
    late = tuple(dataclasses.replace(one, exit_ns=one.exit_ns and one.exit_ns + MS) for one in calls)
    noisy = right_run(recordings=(Recording("a", calls), Recording("b", late)))
    assert "differ too much" in (plateaus_filled("epoll_wait", plateaus=(plateau,))(noisy) or "")
