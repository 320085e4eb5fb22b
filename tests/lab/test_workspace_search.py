"""Which folder is the workspace, wherever one stands."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lab import checkout, cli
from lab.workspace_search import beside, workspace_at
from vocabulary.exit_codes import PASSED, USAGE

SLUG = checkout.slugs()[0]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own, with an exercise started in it."""
    for name in ("STATE", "CONFIG", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.chdir(folder)
    assert cli.run(["start", "1", "--no-host"]) == PASSED
    return folder


def stand_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(folder)


@pytest.mark.parametrize("where", [".", "lab-work", f"lab-work/{SLUG}", f"lab-work/{SLUG}/old", "notes/deep"])
def test_the_workspace_is_found_from_inside_it_and_from_below_the_folder_that_has_it(
    home: Path, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(home / where, monkeypatch)
    assert workspace_at(None).root == home / "lab-work"


def test_starting_inside_a_workspace_makes_none_in_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(home / "lab-work" / SLUG, monkeypatch)
    assert cli.run(["start", "2", "--no-host"]) == PASSED
    assert (home / "lab-work/02-hello-world/tracer.py").exists()
    assert list(home.rglob("lab-work")) == [home / "lab-work"]


def test_a_workspace_that_lost_its_notes_gets_none_inside_it_either(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "lab-work/.lab/progress.json").unlink()
    stand_in(home / "lab-work" / SLUG, monkeypatch)
    assert workspace_at(None).root == home / "lab-work"


def test_the_nearest_workspace_counts(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(home / "second", monkeypatch)
    assert cli.run(["start", "2", "--no-host", "--workspace", "lab-work"]) == PASSED
    assert workspace_at(None).root == home / "second/lab-work"


def test_a_workspace_of_another_name_is_known_by_its_notes(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(home / "other", monkeypatch)
    assert cli.run(["start", "2", "--no-host", "-w", "mine"]) == PASSED
    stand_in(home / "other/mine/02-hello-world", monkeypatch)
    assert workspace_at(None).root == home / "other/mine"


def test_a_folder_of_that_name_that_is_no_workspace_is_passed_by(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(home / "sub/lab-work", monkeypatch)
    stand_in(home / "sub", monkeypatch)
    assert workspace_at(None).root == home / "lab-work"


def test_a_named_workspace_is_taken_as_it_is(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(home / "lab-work" / SLUG, monkeypatch)
    assert workspace_at(Path("lab-work")).root == home / "lab-work" / SLUG / "lab-work"


def test_a_folder_where_everybody_may_put_things_is_not_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = tmp_path / "tmp"
    stand_in(shared, monkeypatch)
    assert cli.run(["start", "2", "--no-host", "-w", "lab-work"]) == PASSED
    stand_in(shared / "mine", monkeypatch)
    assert workspace_at(None).root == shared / "lab-work"
    shared.chmod(0o1777)
    assert workspace_at(None).root == shared / "mine/lab-work"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_workspace_that_cannot_be_written_is_somebody_elses(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "lab-work").chmod(0o555)
    stand_in(home / "mine", monkeypatch)
    assert workspace_at(None).root == home / "mine/lab-work"


def test_what_belongs_beside_the_workspace_is_there_from_inside_too(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert beside("demo-work") == home / "demo-work"
    stand_in(home / "lab-work" / SLUG, monkeypatch)
    assert beside("demo-work") == home / "demo-work"


def test_an_exercise_that_was_started_elsewhere_names_both_places(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stand_in(tmp_path / "elsewhere", monkeypatch)
    capsys.readouterr()
    assert cli.run(["check", "1"]) == USAGE
    said, hint = capsys.readouterr().err.splitlines()
    here, there = tmp_path / "elsewhere/lab-work", home / "lab-work"
    assert said == f"lab: exercise 1 is not started in {here}; you started it in {there}"
    assert hint == f"hint: cd {there}   # or begin anew here: lab start 1"


def test_a_place_that_is_gone_is_not_named(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "lab-work").rename(home / "moved")
    stand_in(tmp_path / "elsewhere", monkeypatch)
    capsys.readouterr()
    assert cli.run(["hint", "1"]) == USAGE
    said, hint = capsys.readouterr().err.splitlines()
    assert said == f"lab: exercise 1 is not started in {tmp_path / 'elsewhere/lab-work'}"
    assert hint == "hint: lab start 1"


def test_a_folder_that_was_deleted_below_ones_feet_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stand_in(tmp_path / "gone", monkeypatch)
    (tmp_path / "gone").rmdir()
    assert cli.run(["status"]) == USAGE
    assert capsys.readouterr().err == "lab: the folder you are in has been deleted\nhint: cd\n"


def test_an_exercise_starts_where_the_list_of_workspaces_cannot_be_kept(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "no_folder").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "no_folder"))
    assert cli.run(["start", "2", "--no-host"]) == PASSED
