"""Verbs that only look build and boot nothing; those that do say so first."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from lab import cli, system_packages
from lab.hosts import require_running, start_embedded
from lab.pace_file import PaceFile
from lab.settings import Settings, save_settings
from lab.start_ahead import START, Ahead, start_ahead
from vm.errors import HostSetupError
from vm.folders import Folders
from vm.image.recipe import recipe
from vm.image.store import Image, write_manifest
from vm.machine import CHANGE_LOCK
from vm.machine_start import UNFINISHED
from vm.machine_state import Running, save_running
from vm.open_vm import embedded_machine
from vm.qemu.process import identity_of
from vocabulary.errors import Unavailable
from vocabulary.exit_codes import PASSED, UNAVAILABLE


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("CACHE", "DATA", "CONFIG", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    assert cli.run(["start", "1", "--no-host"]) == PASSED
    return tmp_path


def kept(home: Path) -> list[Path]:
    return sorted(path for path in (home / "cache").rglob("*") if path.is_file())


@pytest.mark.parametrize("words", [["logs"], ["shell"]], ids=" ".join)
def test_a_look_into_a_host_that_does_not_run_names_lab_up_and_how_long_it_takes(
    home: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    PaceFile.of_user().learn(START, {str(Ahead.BUILD): 350.0})
    before = kept(home)
    capsys.readouterr()
    assert cli.run(words) == UNAVAILABLE
    said = capsys.readouterr()
    assert said.err == "lab: the lab host is not running\nhint: lab up   # takes about 6 minutes, once\n"
    assert said.out == ""
    assert kept(home) == before


@pytest.mark.parametrize(
    "words",
    [["list"], ["status"], ["hint", "1"], ["show", "1"], ["replay", "none"], ["doctor"]],
    ids=" ".join,
)
def test_other_looks_leave_nothing_of_a_host_behind(home: Path, words: list[str]) -> None:
    cli.run(words)
    assert kept(home) == []


def test_a_start_that_another_command_is_at_is_waited_for_and_one_that_was_killed_is_not() -> None:
    machine = embedded_machine()
    machine.folder.mkdir(parents=True)
    argv = [sys.executable, "-c", "input()", "ebpf-lab-lab"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as qemu:
        began = identity_of(qemu.pid, "ebpf-lab-lab").started_at
        save_running(machine.folder, Running("lab", qemu.pid, began, "tcg", 2, 1024, "", "", "", UNFINISHED))
        with (
            FileLock(machine.folder / CHANGE_LOCK),
            pytest.raises(Unavailable, match="another lab command is starting"),
        ):
            require_running(machine)
        with pytest.raises(Unavailable, match="the last start of the lab host did not end"):
            require_running(machine)


def test_a_look_does_not_wait_for_a_command_that_builds_the_image() -> None:
    machine = embedded_machine()
    machine.folder.mkdir(parents=True)
    with FileLock(machine.folder / CHANGE_LOCK), pytest.raises(Unavailable, match="another lab command"):
        require_running(machine)


def test_a_look_over_ssh_says_that_the_machine_does_not_answer(capsys: pytest.CaptureFixture[str]) -> None:
    save_settings(Settings("ssh://root@127.0.0.1:1"))
    assert cli.run(["logs"]) == UNAVAILABLE
    assert "127.0.0.1 does not answer over ssh" in capsys.readouterr().err


def test_before_anything_was_built_the_start_is_known_to_build() -> None:
    assert start_ahead(embedded_machine()).kind is Ahead.BUILD


def test_with_an_image_and_no_saved_machine_it_is_known_to_boot() -> None:
    folder = Folders.of_user().images / recipe().digest
    folder.mkdir(parents=True)
    for name in ("disk.raw", "vmlinuz", "initrd"):
        (folder / name).write_bytes(b"x")
    write_manifest(folder, recipe().digest, "6.12")
    assert start_ahead(embedded_machine()).kind is Ahead.PREPARE


def test_a_start_says_what_it_will_do_before_it_does_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_packages, "missing_programs", lambda **_how: [])
    PaceFile.of_user().learn(START, {str(Ahead.BUILD): 350.0})
    said: list[str] = []

    def no_image(*_what: object) -> Image:
        raise HostSetupError("here it would be built")

    machine = embedded_machine()
    machine._image = no_image
    with pytest.raises(HostSetupError, match="would be built"):
        start_embedded(said.append, machine)
    assert said[0] == "the lab host is not there yet: building its image first, about 6 minutes, once"


def test_a_watch_asks_for_missing_programs_as_every_other_verb_does(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(system_packages, "missing_programs", lambda **_how: ["qemu-img"])
    monkeypatch.setattr("shutil.which", lambda _name, **_how: None)
    assert cli.run(["watch", "1"]) == UNAVAILABLE
    assert "the lab host needs qemu-img" in capsys.readouterr().err
