"""The launcher where HOME or the XDG variables are missing or wrong, or the cache cannot be written."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from lab.checkout import ROOT
from lab.launch import start
from lab.launch.places import FOLDERS, cache_folder, make_cache_folder, need_folders, need_room
from lab.launch.trouble import CannotStart


@pytest.fixture(autouse=True)
def no_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in FOLDERS:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def stranger(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user whom the system's list does not name, as containers have them."""
    monkeypatch.setattr(os, "getuid", lambda: 4_000_123)


@pytest.mark.parametrize("home", [None, "", "work"], ids=["unset", "empty", "relative"])
@pytest.mark.usefixtures("stranger")
def test_without_a_home_the_variable_is_named(home: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    if home is None:
        monkeypatch.delenv("HOME")
    else:
        monkeypatch.setenv("HOME", home)
    with pytest.raises(CannotStart, match=r"no home folder .*HOME") as caught:
        need_folders()
    assert caught.value.hint.startswith("export HOME=")


@pytest.mark.usefixtures("stranger")
def test_the_xdg_folders_together_stand_in_for_a_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HOME")
    for name in FOLDERS:
        monkeypatch.setenv(name, str(tmp_path / name))
    need_folders()
    assert cache_folder() == tmp_path / "XDG_CACHE_HOME" / "ebpf-lab"


def test_a_relative_folder_is_ignored_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", "~/cache")
    need_folders()
    assert "XDG_CACHE_HOME=~/cache" in capsys.readouterr().err
    assert cache_folder().is_relative_to(tmp_path)
    assert "XDG_CACHE_HOME" not in os.environ


def test_a_cache_that_cannot_be_made_is_named_with_what_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CannotStart, match=f"cannot be used: {tmp_path}/file") as caught:
        make_cache_folder(tmp_path / "file" / "ebpf-lab")
    assert caught.value.hint.startswith("export HOME=")


def test_a_full_disk_is_said_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="MB left") as caught:
        need_room(tmp_path, 1 << 60)
    assert caught.value.hint == f"df -h {tmp_path}"


@pytest.mark.parametrize(
    ("number", "name", "said", "hint"),
    [
        (errno.ENOSPC, "{cache}/python/x.lock", "the disk is full", "df -h"),
        (errno.EROFS, "{cache}/python/x.lock", "the cache folder", "export HOME="),
        (errno.EACCES, str(ROOT / "pyproject.toml"), "pyproject.toml cannot be used", "ls -ld"),
    ],
    ids=["full", "read-only", "not in the cache"],
)
def test_an_error_of_the_system_is_told_by_where_it_happened(
    number: int, name: str, said: str, hint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    error = OSError(number, os.strerror(number), name.format(cache=cache_folder()))
    told = start.explained(error)
    assert said in told.message
    assert told.hint.startswith(hint)
