"""What an author wrote of a workload is held against those that there are, by whoever reads it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from grader.errors import ExerciseError
from lab import checkout
from lab.dev.new_exercise import make_exercise


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The exercise.toml of a checkout's only exercise."""
    for parent in (checkout.EXERCISES, checkout.SOLUTIONS):
        shutil.copytree(parent / "_new", tmp_path / parent.name / "_new")
    folder, _ = make_exercise("disk-writes", 7, tmp_path / "exercises", tmp_path / "solutions").folders
    monkeypatch.setattr(checkout, "EXERCISES", tmp_path / "exercises")
    return folder / "exercise.toml"


def test_a_workload_is_named_once_however_many_exercises_have_it(settings: Path) -> None:
    assert checkout.exercise("disk-writes").workload == "callers"
    shutil.copytree(settings.parent, settings.parent.with_name("08-more-writes"))
    assert checkout.workloads_named() == ("callers",)


def test_a_workload_that_there_is_not_is_named_with_file_line_and_those_that_there_are(
    settings: Path,
) -> None:
    settings.write_text(settings.read_text().replace('"callers"', '"caller"'))
    said = f"{settings}:5: there is no workload 'caller'; known are callers, "
    for read in (lambda: checkout.exercise("7"), checkout.workloads_named):
        with pytest.raises(ExerciseError) as refused:
            read()
        assert refused.value.message.startswith(said)
        assert refused.value.hint == "lab dev check"
