"""What the recorders cost, as the benchmark reckons it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from grader.host import Host
from grader.observing.session import Session
from grader.onhost.contract.recorder_orders import ProgramCost, RecorderRead, RecordingFile
from lab.dev.bench.recorder_times import Cost, RecorderTimes, cpu_busy_s, programs_s
from vocabulary.completed import Completed


class Answers:
    """Stands for host and session."""

    def run(self, argv: Sequence[str], **_: Any) -> Completed:
        assert argv[-1] == "/proc/stat"
        return Completed(0, "cpu  1000 100 500 90000 7000 50 25 25 0 0\n", "")

    def order(self, order: RecorderRead) -> RecordingFile:
        cost = {"enter": ProgramCost(2_000_000, runs=9), "leave": ProgramCost(1_000_000, runs=9)}
        return RecordingFile("/recording", "x86_64", cost)


def test_idle_time_and_waiting_for_a_disk_are_no_cpu_time() -> None:
    assert cpu_busy_s(cast(Host, Answers())) == 17.0


def test_the_time_in_all_programs_is_summed() -> None:
    assert programs_s(cast(Session, Answers())) == 0.003


def test_the_share_is_of_the_cpu_time_of_the_window() -> None:
    costs = tuple(Cost(run_s, 10.0, 100) for run_s in (0.1, 0.2, 0.3))
    said = RecorderTimes((0.01, 0.02, 0.03), costs).lines()[0]
    assert "2000 us for each unit of traffic, 2.00% of the CPU time (95%: 1.00% to 3.00%" in said
