"""Exercises and their tests are type-checked under their own names, although their folders are no modules."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lab.checkout import EXERCISES
from lab.dev.new_exercise import SKELETON
from lab.dev.typed_exercises import modules_of_tests, own_modules, type_check
from tests.exercises.condition import FOLDER


def test_every_python_file_but_the_starters_is_looked_at() -> None:
    assert own_modules({"new": EXERCISES / SKELETON}) == [
        "new.checks",
        "new.traffic",
        "new.mistakes.failed_calls_left_out",
    ]


def test_every_python_file_of_an_exercises_tests_is_looked_at() -> None:
    folders = {folder.name: folder for folder in FOLDER.glob("[0-9]*")}
    assert len(modules_of_tests(folders)) == len(list(FOLDER.rglob("[0-9]*/**/*.py"))) > len(folders)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """One exercise as `lab dev new` makes it, and a test of it."""
    shutil.copytree(EXERCISES / SKELETON, tmp_path / "exercises" / "07-wrong")
    tests = tmp_path / "tests" / "exercises" / "07-wrong"
    tests.mkdir(parents=True)
    (tests / "sent.py").write_text("NUMBER = 7\n")
    (tests / "test_traffic.py").write_text("from .sent import NUMBER\n\nSENT: int = NUMBER\n")
    return tmp_path


def test_a_wrong_type_is_named_with_the_file_as_the_author_knows_it(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checks = checkout / "exercises" / "07-wrong" / "checks.py"
    checks.write_text(checks.read_text().replace("return report.counts(", "return report.count("))
    assert type_check(checkout) == 1
    assert f"{checks}:22: error: Incompatible return value type" in capsys.readouterr().err


def test_a_wrong_type_in_an_exercises_tests_is_named_too(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    test = checkout / "tests" / "exercises" / "07-wrong" / "test_traffic.py"
    test.write_text(test.read_text().replace("SENT: int", "SENT: str"))
    assert type_check(checkout) == 1
    said = capsys.readouterr().err
    assert f"{test}:3: error: Incompatible types in assignment" in said
    assert "Found 1 error" in said
