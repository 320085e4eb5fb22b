"""What `gc` may delete, and what it must keep."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lab import storage
from vm import suspended
from vm.folders import Folders


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of two saved machines and three images, the later ones newer."""
    for name in ("CACHE", "DATA", "CONFIG", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    folders = Folders.of_user()
    for age, path in enumerate(
        [
            folders.templates / "new",
            folders.templates / "old",
            folders.images / "new",
            folders.images / "old",
            folders.images / "older.building",
        ]
    ):
        path.mkdir(parents=True)
        (path / "disk").write_bytes(b"x" * 5000)
        os.utime(path, (1000 - age, 1000 - age))
    return folders.cache


def names(kept: list[storage.Kept]) -> list[str]:
    return sorted(f"{one.path.parent.name}/{one.path.name}" for one in kept)


def test_the_newest_of_each_is_kept(cache: Path) -> None:
    assert names(storage.unneeded(None)) == ["images/old", "images/older.building", "templates/old"]


def test_the_saved_machine_below_the_running_one_is_kept(cache: Path) -> None:
    assert "templates/old" not in names(storage.unneeded("old"))
    assert "templates/new" in names(storage.unneeded("old"))


def test_an_interrupted_start_takes_no_saved_machines_place_and_goes_once_there_is_a_newer_one(
    cache: Path,
) -> None:
    begun = Folders.of_user().templates / f"another{suspended.MARK}1234"
    begun.mkdir()
    for age_s, gone in ((2000, False), (1, True)):
        os.utime(begun, (age_s, age_s))
        left = names(storage.unneeded(None))
        assert (f"templates/{begun.name}" in left) is gone
        assert "templates/new" not in left and "templates/old" in left


def test_a_bundles_saved_machine_goes_only_when_there_is_another(cache: Path) -> None:
    folders = Folders.of_user()
    (folders.shipped / "one").mkdir(parents=True)
    assert "shipped/one" in names(storage.unneeded(None))
    for name in ("new", "old"):
        (folders.templates / name).rename(cache / name)
    assert "shipped/one" not in names(storage.unneeded(None))


def test_the_image_a_person_chose_is_kept(cache: Path) -> None:
    (Folders.of_user().images / "chosen").write_text("old\n")
    assert "images/old" not in names(storage.unneeded(None))


def test_everything_says_how_large_it_is_and_remove_takes_it_away(cache: Path) -> None:
    kept = {one.what: one for one in storage.everything()}
    assert kept["saved machines"].bytes >= 10_000
    for one in kept.values():
        storage.remove(one)
    assert storage.everything() == []


def test_a_sparse_file_counts_by_what_it_takes(tmp_path: Path) -> None:
    with (tmp_path / "memory").open("wb") as file:
        file.truncate(10**9)
    assert storage.size_bytes(tmp_path) < 10**8
