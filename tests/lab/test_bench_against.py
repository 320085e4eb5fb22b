"""Timing one checkout beside another: with two small checkouts whose `lab` only writes what is waited for."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from lab.dev.bench.downloads import LEAST_BYTES_PER_S, Downloads
from lab.dev.bench.first_run import FirstRun, first_run
from lab.dev.bench.loop_times import LoopTimes, compared
from lab.dev.bench.sides import Side, against
from vocabulary.errors import Unusable

WORKS = """#!/bin/sh
mkdir -p demo-work/.lab/verdicts/04 && echo {} > demo-work/.lab/verdicts/04/1.json
echo "$XDG_CACHE_HOME" > "$XDG_WITNESS"
"""
BREAKS = "#!/bin/sh\nexit 69\n"


def side(folder: Path, script: str) -> Side:
    command = folder / "bin" / "lab"
    command.parent.mkdir(parents=True)
    command.write_text(script)
    command.chmod(0o755)
    return Side("here", folder, folder / "caches")


def test_a_first_run_ends_with_the_demo_and_uses_caches_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_WITNESS", str(tmp_path / "witness"))
    found = first_run(side(tmp_path, WORKS), lambda _line: None)
    assert found.verdict_s > 0
    assert (tmp_path / "witness").read_text().strip() == str(tmp_path / "caches" / "xdg_cache_home")


def test_a_demo_that_ends_without_a_verdict_is_said(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="ended with 69 before a verdict"):
        first_run(side(tmp_path, BREAKS), lambda _line: None)


def test_seconds_of_downloading_are_left_out_of_the_work() -> None:
    assert FirstRun("here", 100.0, 30.0, 10**9).work_s == 70.0


def test_only_looks_in_which_much_arrived_count_as_downloading() -> None:
    downloads = Downloads(received=lambda: 0)
    downloads.note(LEAST_BYTES_PER_S * 2, 1.0)
    downloads.note(LEAST_BYTES_PER_S // 2, 1.0)
    assert (downloads.seconds, downloads.total_bytes) == (1.0, LEAST_BYTES_PER_S * 5 // 2)


def test_the_ratio_is_that_of_the_medians() -> None:
    here = LoopTimes("this checkout", {"whole check": [9.0, 10.0, 50.0]})
    there = LoopTimes("abc", {"whole check": [20.0, 21.0, 19.0]})
    assert compared("whole check", here, there)[-1] == "  ratio: 0.50"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "file").write_text("old\n")
    for words in (
        ("init", "-q"),
        ("add", "file"),
        ("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "old"),
    ):
        subprocess.run(["git", *words], cwd=folder, check=True)
    (folder / "file").write_text("new\n")
    return folder


def test_the_other_side_is_the_commit_and_is_gone_afterwards(repository: Path) -> None:
    with against("HEAD", repository) as (here, there):
        assert (here.checkout / "file").read_text() == "new\n"
        assert (there.checkout / "file").read_text() == "old\n"
        assert here.caches != there.caches
    assert not there.checkout.exists()
    listed = subprocess.run(["git", "worktree", "list"], cwd=repository, capture_output=True, text=True)
    assert len(listed.stdout.splitlines()) == 1


def test_a_commit_that_git_does_not_know_is_refused(repository: Path) -> None:
    with pytest.raises(Unusable, match="no commit 1234567"), against("1234567", repository):
        pass


def test_a_commit_that_git_cannot_check_out_is_said(repository: Path) -> None:
    # Where the worktrees' notes should be kept there is a file.
    (repository / ".git" / "worktrees").write_text("")
    with pytest.raises(Unusable, match="could not check out HEAD"), against("HEAD", repository):
        pass
