"""The checkout in a bundle is what git knows of it, and what it does not know is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.bundle.make import checkout_files
from lab.git import git
from vocabulary.errors import Unusable


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """With one file that git knows."""
    (tmp_path / "exercises" / "07-kept").mkdir(parents=True)
    (tmp_path / "exercises" / "07-kept" / "checks.py").write_text("")
    assert git(tmp_path, "init", "--quiet") is not None
    assert git(tmp_path, "add", ".") is not None
    return tmp_path


def test_a_new_exercise_that_git_does_not_know_is_left_out_and_named(clone: Path) -> None:
    (clone / "exercises" / "08-new").mkdir()
    (clone / "exercises" / "08-new" / "checks.py").write_text("")
    said: list[str] = []
    names = [name for name, _ in checkout_files(clone, said.append)]
    assert names == ["ebpf-lab/exercises/07-kept/checks.py"]
    assert said[-1].endswith("git does not know them (git add): exercises/08-new/")


def test_a_new_exercise_that_was_added_is_in_it(clone: Path) -> None:
    (clone / "exercises" / "08-new").mkdir()
    (clone / "exercises" / "08-new" / "checks.py").write_text("")
    assert git(clone, "add", "exercises/08-new") is not None
    said: list[str] = []
    names = [name for name, _ in checkout_files(clone, said.append)]
    assert "ebpf-lab/exercises/08-new/checks.py" in names
    assert not [line for line in said if "not in the bundle" in line]


def test_without_git_there_is_no_list(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="is no git clone"):
        checkout_files(tmp_path, print)
