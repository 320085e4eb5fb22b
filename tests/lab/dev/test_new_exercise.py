"""`lab dev new` makes an exercise that loads, has a whole matrix, and is a page of the site at once."""

from __future__ import annotations

import random
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from grader.exercise_folder import load
from lab import cli
from lab.checkout import EXERCISES, SOLUTIONS
from lab.dev.entries import entries
from lab.dev.new_exercise import SKELETON, make_exercise
from lab.dev.rejected.page import mistakes_of, page_text
from lab.website.build import Build
from lab.website.sources import read_exercise, read_sources
from vocabulary.errors import Unusable
from vocabulary.exit_codes import USAGE


@pytest.fixture
def parents(tmp_path: Path) -> tuple[Path, Path]:
    """Folders as in the checkout, with the skeleton and one exercise."""
    for parent in (EXERCISES, SOLUTIONS):
        shutil.copytree(parent / SKELETON, tmp_path / parent.name / SKELETON)
    (tmp_path / "exercises" / "07-other").mkdir()
    return tmp_path / "exercises", tmp_path / "solutions"


def test_it_gets_the_next_number_and_passes_the_folder_checks(parents: tuple[Path, Path]) -> None:
    made = make_exercise("disk-writes", None, *parents)
    exercise = load(made.folders[0])
    assert (exercise.number, exercise.slug, exercise.title) == (8, "08-disk-writes", "Disk writes")
    assert [check.name for check in exercise.checks][-1] == "calls_of_each_caller"
    assert exercise.plan(random.Random(1), 2) != exercise.plan(random.Random(2), 2)


def test_its_matrix_is_whole(parents: tuple[Path, Path]) -> None:
    exercise = load(make_exercise("disk-writes", 12, *parents).folders[0])
    found = {one.title: one for one in entries(exercise, parents[1])}
    assert {one.kind for one in found.values()} == {"starter", "solution", "variant", "rejected"}
    checks = {check.name for check in exercise.checks}
    assert all(one.expected.check in checks for one in found.values() if one.kind == "rejected")
    assert found["starter"].files != found["solution"].files


def test_its_mistake_is_listed_among_those_looked_for(parents: tuple[Path, Path]) -> None:
    exercise = load(make_exercise("disk-writes", 12, *parents).folders[0])
    page = page_text([mistakes_of(exercise, parents[1])])
    assert "\n## Exercise 12: Disk writes\n" in page
    assert "| kprobe_on_execve | return_instead_of_entry |" in page


def test_its_page_builds_with_a_todo_for_each_step(parents: tuple[Path, Path]) -> None:
    one = read_exercise(load(make_exercise("disk-writes", None, *parents).folders[0]))
    page = Build(replace(read_sources(), exercises=(one,)), with_solutions=True).exercise(one)
    assert "Disk writes" in page.body
    assert page.body.count("<mark ") == 2


def test_no_place_is_left_open(parents: tuple[Path, Path]) -> None:
    for folder in make_exercise("disk-writes", None, *parents).folders:
        for path in (path for path in folder.rglob("*") if path.is_file()):
            assert not re.search(r"@[A-Z]+@", path.read_text())
            compile(path.read_text(), str(path), "exec") if path.suffix == ".py" else None


@pytest.mark.parametrize(
    ("slug", "number", "said"),
    [
        (
            "Disk Writes",
            None,
            "is no name for an exercise: small letters, digits and hyphens, a letter first",
        ),
        ("7", None, "is no name"),
        ("07-disk-writes", None, "is no name"),
        ("../x", None, "is no name"),
        ("other", None, "called other already"),
        ("disk-writes", 7, "number 7 is 07-other"),
        ("disk-writes", 100, "from 1 to 99"),
        ("disk-writes", 0, "from 1 to 99"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_made(
    parents: tuple[Path, Path], slug: str, number: int | None, said: str
) -> None:
    before = sorted(path.name for parent in parents for path in parent.iterdir())
    with pytest.raises(Unusable, match=said):
        make_exercise(slug, number, *parents)
    assert sorted(path.name for parent in parents for path in parent.iterdir()) == before


@pytest.mark.parametrize(
    ("slug", "hint"),
    [
        ("Disk Writes", "lab dev new disk-writes"),
        ("07-disk_writes", "lab dev new disk-writes --number 7"),
        ("7", "lab dev new disk-writes --number 7"),
        ("100-disks", "lab dev new disks"),
        ("../x", "lab dev new x"),
        ("!", "lab dev new disk-writes"),
    ],
)
def test_a_name_that_cannot_be_gets_the_nearest_that_can(
    parents: tuple[Path, Path], slug: str, hint: str
) -> None:
    with pytest.raises(Unusable) as refused:
        make_exercise(slug, None, *parents)
    assert refused.value.hint == hint


def test_both_folders_are_made_or_none(parents: tuple[Path, Path]) -> None:
    (parents[1] / SKELETON / "tracer.py").write_bytes(b"\xff is no text")
    with pytest.raises(UnicodeDecodeError):
        make_exercise("disk-writes", None, *parents)
    assert [folder.name for parent in parents for folder in parent.glob("*disk*")] == []


def test_the_skeleton_is_no_exercise_and_a_wrong_name_is_wrong_usage(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.run(["dev", "new", "Disk"]) == USAGE
    assert capsys.readouterr().err.endswith("hint: lab dev new disk\n")
    assert cli.run(["list"]) == 0
    assert "@TITLE@" not in capsys.readouterr().out
