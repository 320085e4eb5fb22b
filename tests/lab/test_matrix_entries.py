"""The matrix of an exercise is found in its folders, and a verdict is held against what was expected."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from grader.verdict import Finding, Outcome, Verdict
from lab.dev.entries import Expected, entries, sample
from lab.dev.junk_reports import changed, junk
from tests.lab.test_comparison import EXERCISE, RIGHT
from vocabulary.errors import Unusable
from vocabulary.host_facts import HostFacts

FILES = ("tracer.bpf.c", "tracer.py")
WRONG = '# expect: counts no_filter\n"""Exercise 4, rejected: counts everything."""\n'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """One exercise with a variant and two rejected tracers."""
    for folder, names in {
        "exercises/04-kprobes": FILES,
        "solutions/04-kprobes": FILES,
        "solutions/04-kprobes/variants/other": ("tracer.py",),
        "solutions/04-kprobes/rejected/no_filter": ("tracer.py",),
        "solutions/04-kprobes/rejected/no_pairing": FILES,
    }.items():
        (tmp_path / folder).mkdir(parents=True)
        for name in names:
            (tmp_path / folder / name).write_text(f"{WRONG}# {folder}\n")
    return tmp_path


def found(root: Path) -> dict[str, Expected]:
    exercise = replace(EXERCISE, folder=root / "exercises/04-kprobes", starter_files=FILES)
    return {one.title: one.expected for one in entries(exercise, root / "solutions")}


def test_every_folder_is_one_tracer_with_its_expectation(root: Path) -> None:
    assert found(root) == {
        "starter": Expected(Outcome.FAIL),
        "solution": Expected(Outcome.PASS),
        "variant/other": Expected(Outcome.PASS),
        "rejected/no_filter": Expected(Outcome.FAIL, "counts", "no_filter"),
        "rejected/no_pairing": Expected(Outcome.FAIL, "counts", "no_filter"),
    }


def test_a_missing_file_is_taken_from_the_solution(root: Path) -> None:
    exercise = replace(EXERCISE, folder=root / "exercises/04-kprobes", starter_files=FILES)
    by_title = {one.title: one.files for one in entries(exercise, root / "solutions")}
    assert by_title["variant/other"]["tracer.bpf.c"] == by_title["solution"]["tracer.bpf.c"]
    assert by_title["variant/other"]["tracer.py"] != by_title["solution"]["tracer.py"]


@pytest.mark.parametrize("first", ["", "# no expectation", "# expect: counts", "# expect: a b c"])
def test_a_rejected_tracer_without_an_expectation_is_refused(root: Path, first: str) -> None:
    (root / "solutions/04-kprobes/rejected/no_filter/tracer.py").write_text(first + "\n")
    with pytest.raises(Unusable, match="expect"):
        found(root)


def test_the_sample_follows_its_seed(root: Path) -> None:
    exercise = replace(EXERCISE, folder=root / "exercises/04-kprobes", starter_files=FILES)
    everything = entries(exercise, root / "solutions")
    chosen = [[one.title for one in sample(everything, seed, rejected=1)] for seed in range(20)]
    assert all(titles[:3] == ["starter", "solution", "variant/other"] for titles in chosen)
    assert {titles[3] for titles in chosen} == {"rejected/no_filter", "rejected/no_pairing"}


def verdict(outcome: Outcome, *failed: tuple[str, str]) -> Verdict:
    findings = tuple(Finding(name, "", Outcome.FAIL, cause=cause) for name, cause in failed)
    return Verdict("04-kprobes", outcome, findings, (), HostFacts("vm", "6.12", "tcg", 2), 1)


NO_FILTER = Expected(Outcome.FAIL, "counts", "no_filter")


@pytest.mark.parametrize(
    ("expected", "came", "good"),
    [
        (Expected(Outcome.PASS), verdict(Outcome.PASS), True),
        (Expected(Outcome.PASS), verdict(Outcome.FAIL, ("counts", "no_filter")), False),
        (Expected(Outcome.PASS), verdict(Outcome.ERROR), False),
        (NO_FILTER, verdict(Outcome.FAIL, ("counts", "no_filter")), True),
        (NO_FILTER, verdict(Outcome.FAIL, ("counts", "race")), False),
        (NO_FILTER, verdict(Outcome.FAIL, ("durations", "no_filter")), False),
        (NO_FILTER, verdict(Outcome.PASS), False),
        (NO_FILTER, verdict(Outcome.ERROR), False),
        (Expected(Outcome.FAIL), verdict(Outcome.FAIL, ("counts", "")), False),
        (Expected(Outcome.FAIL), verdict(Outcome.FAIL, ("counts", "any")), True),
    ],
)
def test_only_the_expected_verdict_is_good(expected: Expected, came: Verdict, good: bool) -> None:
    assert (expected.shortfall(came) == "") == good


def test_junk_differs_from_the_right_report_and_covers_every_number() -> None:
    made = dict(junk(RIGHT, seed=1))
    assert len(made) == 15
    assert all(seen.report != RIGHT.report for seen in made.values())


def test_a_changed_document_keeps_its_shape() -> None:
    document = {"a": 1, "b": [2, {"c": 3.5}], "d": "x", "e": True, "f": None}
    assert changed(document, lambda number: number * 2) == {
        "a": 2,
        "b": [4, {"c": 7.0}],
        "d": "x",
        "e": True,
        "f": None,
    }
