"""Saved machines from another computer: what they fit, how they travel, and what if they do not start."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from vm import shipped
from vm.errors import HostUnavailable
from vm.folders import Folders
from vm.image.store import Image
from vm.installation_keys import installation_keys
from vm.machine_start import MachineSettings, Start
from vm.machine_state import Changes
from vm.preparation import NOTHING
from vm.qemu.command import Emulator
from vm.qemu.template import PAIR, Template

EMULATED = Emulator((7, 2, 5), "tcg", "pc-q35-7.2")


@dataclass(frozen=True)
class StartsNothing(Start):
    """A start whose machine never answers."""

    def take_over(self, work: Path) -> Template:
        assert sorted(path.name for path in work.iterdir()) == sorted(PAIR)
        raise HostUnavailable("no answer")


def start(folder: Path, emulator: Emulator = EMULATED, prepared: str = "p") -> StartsNothing:
    return StartsNothing(
        MachineSettings(),
        Folders(folder / "cache", folder / "data"),
        installation_keys(folder / "keys"),
        Image(folder / "image", "digest", "6.12-test"),
        emulator,
        NOTHING,
        prepared,
        lambda _line: None,
        Changes(folder, "up"),
    )


def kept_machine(one: Start) -> Path:
    folder = shipped.folder_of(one.folders, one.fit)
    folder.mkdir(parents=True)
    for name in PAIR:
        (folder / name).write_bytes(name.encode())
    return folder


def test_a_machine_fits_whoever_has_the_same_but_for_the_keys(tmp_path: Path) -> None:
    here, there = start(tmp_path / "here"), start(tmp_path / "there")
    assert here.fit == there.fit
    assert here.key != there.key


@pytest.mark.parametrize(
    ("emulator", "fits"),
    [
        (replace(EMULATED, version=(7, 2, 22)), True),
        (replace(EMULATED, version=(8, 0, 0)), False),
        (replace(EMULATED, machine="pc-q35-8.0"), False),
        (replace(EMULATED, accel="kvm"), False),
    ],
    ids=["another patch", "another QEMU", "another machine type", "real CPU"],
)
def test_another_emulator_is_another_fit(tmp_path: Path, emulator: Emulator, fits: bool) -> None:
    one, other = start(tmp_path / "one"), start(tmp_path / "other", emulator)
    assert (one.fit == other.fit) is fits


def test_another_preparation_is_another_fit(tmp_path: Path) -> None:
    assert start(tmp_path / "one").fit != start(tmp_path / "other", prepared="q").fit


def test_a_machine_travels_as_one_file(tmp_path: Path) -> None:
    one = start(tmp_path / "one")
    made = kept_machine(one)
    shipped.pack(Template(made, "key", "image"), tmp_path / "machine.tar.zst")
    folders = Folders(tmp_path / "elsewhere", tmp_path / "data")
    shipped.unpack(tmp_path / "machine.tar.zst", folders, one.fit)
    arrived = shipped.folder_of(folders, one.fit)
    assert {path.name: path.read_bytes() for path in arrived.iterdir()} == {
        name: name.encode() for name in PAIR
    }
    assert list(folders.shipped.iterdir()) == [arrived]


def test_a_machine_that_does_not_start_here_is_dropped_and_not_asked_for_again(tmp_path: Path) -> None:
    one = start(tmp_path)
    assert shipped.taken_over(one) is None
    assert shipped.is_wanted(one)
    kept = kept_machine(one)
    assert not shipped.is_wanted(one)
    assert shipped.taken_over(one) is None
    assert not kept.exists()
    assert not shipped.is_wanted(one)
    assert list(one.folders.templates.iterdir()) == []
