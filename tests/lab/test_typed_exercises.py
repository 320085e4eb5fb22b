"""Exercises are type-checked under their own names, although their folders are no modules."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lab.checkout import EXERCISES
from lab.dev.new_exercise import SKELETON
from lab.dev.typed_exercises import packages, type_check


def test_every_python_file_but_the_starters_is_looked_at() -> None:
    words = packages([EXERCISES / SKELETON])
    assert [word for word in words if word != "-m"] == [
        "exercise__new.checks",
        "exercise__new.traffic",
        "exercise__new.mistakes.failed_calls_left_out",
    ]


def test_a_wrong_type_is_named_with_the_file_as_the_author_knows_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "07-wrong"
    shutil.copytree(EXERCISES / SKELETON, folder)
    checks = folder / "checks.py"
    checks.write_text(checks.read_text().replace("return report.counts(", "return report.count("))
    assert type_check(tmp_path) == 1
    assert f"{checks}:22: error: Incompatible return value type" in capsys.readouterr().err
