"""Counting wrong rejects and wrong accepts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import psutil
import pytest

from grader.host import Host
from grader.verdict import Outcome
from lab.checkout import ROOT
from lab.dev.entries import Entry, Expected
from lab.dev.soak.campaign import share_a_run
from lab.dev.soak.load import hogs, one_cpu
from lab.dev.soak.rates import all_rates, bound, summary
from lab.dev.soak.runs import SoakRun, add_run, load_runs, recorded, soak_run
from tests.lab.test_matrix import ROW
from vocabulary.errors import Unusable

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
    run = soak_run("abc", "04-kprobes", [replace(ROW, expected=expected, came=came)])
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


def test_a_wrong_tracer_that_fails_for_another_reason_is_named() -> None:
    missed = replace(ROW, expected="fail counts x", came="fail counts y", trouble="expected x, came y")
    caught = replace(missed, came="fail counts x", trouble="")
    accepted = replace(missed, came="pass")
    run = soak_run("abc", "04-kprobes", [missed, caught, accepted], hogs=2, one_cpu=True)
    assert (run.wrong_tracers, run.wrong_causes) == (2, (f"{ROW.title}: expected x, came y",))
    lines = summary([run])
    assert "04-kprobes with hogs on one CPU: 1 runs" in lines[0]
    assert "right cause for 1 of 2 wrong tracers (50.0%)" in lines[0]
    assert lines[1].endswith("expected x, came y")


def test_right_and_wrong_tracers_share_a_run_in_turn() -> None:
    def some(kind: str, count: int, text: bytes = b"") -> list[Entry]:
        expected = Expected(Outcome.FAIL, "counts", "x") if kind == "rejected" else Expected(Outcome.PASS)
        return [Entry(kind, f"{kind}{number}", {"tracer.py": text}, expected) for number in range(count)]

    all_entries = (*some("variant", 3), *some("rejected", 3), *some("rejected", 1, b"# alone: it must"))
    names = [[one.name for one in share_a_run(all_entries, number)] for number in range(3)]
    assert names == [["variant0", "rejected0"], ["variant1", "rejected1"], ["variant2", "rejected2"]]
    assert [one.name for one in share_a_run(some("variant", 1), 5)] == ["variant0"]


def test_a_heavy_tracer_is_in_each_run_where_that_is_asked() -> None:
    light, wrong = Expected(Outcome.PASS), Expected(Outcome.FAIL, "counts", "x")
    all_entries = (
        Entry("solution", "", {}, light),
        Entry("variant", "heavy", {"tracer.py": b"# alone: slow"}, light),
        Entry("rejected", "a", {}, wrong),
        Entry("rejected", "b", {}, wrong),
    )
    names = [[one.name for one in share_a_run(all_entries, number, heavy=True)] for number in range(2)]
    assert names == [["heavy", "a"], ["heavy", "b"]]
    with pytest.raises(Unusable, match="takes long to load"):
        share_a_run(all_entries[:1], 0, heavy=True)


def test_the_load_is_told_with_the_number_of_hogs_where_it_is_not_the_usual_one() -> None:
    loads = [
        soak_run("abc", "04-kprobes", [], hogs=hogs, one_cpu=one_cpu, heavy=heavy).load
        for hogs, one_cpu, heavy in [(0, False, False), (2, False, False), (6, False, True), (0, True, False)]
    ]
    assert loads == ["without hogs", "with hogs", "with 6 hogs beside a heavy tracer", "on one CPU"]


def test_records_from_before_causes_were_noted_are_read(tmp_path: Path) -> None:
    path = tmp_path / "abc.jsonl"
    old: dict[str, object] = {
        "commit": "abc",
        "exercise": "04-kprobes",
        "stress": False,
        "wrong_rejects": [],
        "wrong_accepts": [],
    }
    path.write_text(json.dumps(old) + "\n")
    assert load_runs(path) == [CLEAN]


def test_the_other_cpus_come_back_even_when_a_run_was_interrupted() -> None:
    host = HostThatNotes()
    with pytest.raises(KeyboardInterrupt), one_cpu(cast("Host", host)):
        assert len(host.orders) == 1 and "echo 0 >" in host.orders[0]
        raise KeyboardInterrupt
    assert len(host.orders) == 2 and "echo 1 >" in host.orders[1]


class HostThatNotes:
    """Keeps the shell commands it was asked to run."""

    def __init__(self) -> None:
        self.orders: list[str] = []

    def run(self, argv: Sequence[str]) -> None:
        self.orders.append(argv[-1])


def test_the_summary_counts_runs_and_not_tracers() -> None:
    lines = summary([CLEAN, replace(CLEAN, wrong_rejects=("solution", "variant/a"))])
    assert len(lines) == 1
    assert "2 runs; right tracer rejected in 1 " in lines[0]


def test_rates_are_those_of_an_exercise_of_a_load_and_of_all() -> None:
    other = replace(CLEAN, exercise="05-uprobes", stress=True, wrong_accepts=("rejected/a",))
    found = {one.what: (one.runs, one.rejects, one.accepts) for one in all_rates([CLEAN, CLEAN, other])}
    assert found == {
        "04-kprobes without hogs": (2, 0, 0),
        "05-uprobes with hogs": (1, 0, 1),
        "with hogs": (1, 0, 1),
        "without hogs": (2, 0, 0),
        "all together": (3, 0, 1),
    }


def test_the_readme_has_the_figures_of_the_records() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    runs = recorded()
    for one in all_rates(runs):
        if not one.exercise:
            rejects, accepts = f"{one.rejects_under:.1%}", f"{one.accepts_under:.1%}"
            row = (
                f"| {one.what} | {one.runs} | {one.rejects} (95%: under {rejects}) |"
                f" {one.accepts} (95%: under {accepts}) | {one.unknown} |"
                f" {one.right_causes} of {one.wrong_tracers} |"
            )
            assert row in readme.splitlines()
    numbers = Counter(int(run.exercise.partition("-")[0]) for run in runs)
    each = ", ".join(f"{number}: {count}" for number, count in sorted(numbers.items()))
    assert f"Runs of each exercise: {each}." in readme


def test_hogs_are_gone_afterwards() -> None:
    before = {child.pid for child in psutil.Process().children()}
    with hogs(2):
        during = {child.pid for child in psutil.Process().children()} - before
        assert len(during) == 2
    assert not any(psutil.pid_exists(pid) for pid in during)
