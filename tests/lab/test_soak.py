"""Counting wrong rejects and wrong accepts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from lab.dev.soak import SoakRun, add_run, bound, hogs, load_runs, soak_run, summary
from tests.lab.test_matrix import ROW

CLEAN = SoakRun("abc", "04-kprobes", False, (), ())


@pytest.mark.parametrize(
    ("expected", "came", "rejects", "accepts", "unknown"),
    [
        ("pass", "pass", (), (), ()),
        ("pass", "fail counts race", ("solution",), (), ()),
        ("pass", "error evidence invalid_evidence", (), (), ("solution",)),
        ("fail counts x", "pass", (), ("solution",), ()),
        ("fail counts x", "fail counts y", (), (), ()),
    ],
)
def test_each_row_counts_once(
    expected: str, came: str, rejects: tuple[str, ...], accepts: tuple[str, ...], unknown: tuple[str, ...]
) -> None:
    run = soak_run("abc", "04-kprobes", False, [replace(ROW, expected=expected, came=came)])
    assert (run.wrong_rejects, run.wrong_accepts, run.unknown) == (rejects, accepts, unknown)


@pytest.mark.parametrize(
    ("events", "runs", "rate"), [(0, 20, 0.139), (0, 200, 0.0149), (1, 20, 0.216), (0, 0, 1.0), (5, 5, 1.0)]
)
def test_the_bound_is_the_exact_binomial_one(events: int, runs: int, rate: float) -> None:
    assert bound(events, runs) == pytest.approx(rate, rel=0.01)


def test_runs_survive_an_interruption(tmp_path: Path) -> None:
    path = tmp_path / "soak" / "abc.jsonl"
    assert load_runs(path) == []
    dirty = replace(CLEAN, stress=True, wrong_rejects=("solution",))
    add_run(path, CLEAN)
    add_run(path, dirty)
    path.write_text(path.read_text() + '{"commit": "a')
    assert load_runs(path) == [CLEAN, dirty]


def test_the_summary_counts_runs_and_not_tracers() -> None:
    lines = summary([CLEAN, replace(CLEAN, wrong_rejects=("solution", "variant/a"))])
    assert len(lines) == 1
    assert "2 runs; right tracer rejected in 1 " in lines[0]


def test_hogs_are_gone_afterwards() -> None:
    before = {child.pid for child in psutil.Process().children()}
    with hogs(2):
        during = {child.pid for child in psutil.Process().children()} - before
        assert len(during) == 2
    assert not any(psutil.pid_exists(pid) for pid in during)
