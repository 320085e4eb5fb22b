"""git, asked about a checkout that belongs to somebody else."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from lab.bundle.make import checkout_files
from lab.dev.time_budget import commits_so_far
from lab.git import git


def test_a_checkout_of_somebody_else_is_read_like_ones_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / "file").touch()
    assert git(tmp_path, "add", "file") == ""
    # git's own switch for its tests: everything belongs to another user.
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    plain = subprocess.run(
        ["git", "-C", str(tmp_path), "ls-files"], capture_output=True, text=True, check=False
    )
    assert "dubious ownership" in plain.stderr
    assert [name for name, _ in checkout_files(tmp_path, print)] == ["ebpf-lab/file"]


def test_outside_of_a_clone_git_says_nothing(tmp_path: Path) -> None:
    assert git(tmp_path, "ls-files") is None


def test_without_git_there_is_no_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert git(tmp_path, "ls-files") is None
    assert commits_so_far() == 0
