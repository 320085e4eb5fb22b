"""`gc` and `uninstall` on a machine without a lab host: what they say, what goes and what stays."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import pytest

from grader.observing import host_files
from lab import cli
from lab.settings import Settings, save_settings
from lab.verbs import care
from vm.folders import Folders
from vocabulary.completed import Completed
from vocabulary.exit_codes import PASSED, UNAVAILABLE, USAGE


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Everything of the lab below one folder, and work beside it."""
    monkeypatch.chdir(tmp_path)
    for name in ("CACHE", "DATA", "CONFIG", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    places = Folders.of_user()
    for folder in (places.templates / "one", places.images / "two.building", places.keys):
        folder.mkdir(parents=True)
        (folder / "file").write_bytes(b"x" * 3_000_000)
    save_settings(Settings("vm"))
    (tmp_path / "lab-work").mkdir()
    return tmp_path


def left(home: Path) -> list[str]:
    return sorted(str(path.relative_to(home)) for path in home.glob("*/*"))


@pytest.mark.parametrize("typed", ["", "n\n", "\n"], ids=["end of input", "no", "enter"])
def test_uninstall_takes_nothing_away_unless_told_to(
    home: Path, typed: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(home.rglob("file"))
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    assert cli.run(["uninstall"]) == USAGE
    shown = capsys.readouterr()
    assert "saved machines" in shown.out
    assert shown.err.endswith("lab: nothing was removed\nhint: lab uninstall --yes\n")
    assert sorted(home.rglob("file")) == before


def test_uninstall_leaves_nothing_but_the_work(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["uninstall", "--yes"]) == PASSED
    assert "9 MB freed" in capsys.readouterr().out
    assert left(home) == []
    assert (home / "lab-work").is_dir()


def test_uninstall_does_not_forget_a_machine_over_ssh_that_does_not_answer(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_settings(Settings("ssh://root@127.0.0.1:1"))
    assert cli.run(["uninstall", "--yes"]) == UNAVAILABLE
    assert "ssh://root@127.0.0.1:1 cannot be asked" in capsys.readouterr().err
    assert list(home.rglob("file"))


def test_a_machine_over_ssh_that_is_gone_can_be_left_as_it_is(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    save_settings(Settings("ssh://root@127.0.0.1:1"))
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert cli.run(["uninstall"]) == PASSED
    assert "it stays as it is" in capsys.readouterr().out
    assert left(home) == []


class FakeProgram:
    """What holds the lab host."""

    stderr_text = ""

    def __enter__(self) -> FakeProgram:
        return self

    def __exit__(self, *exc: object) -> None: ...

    def read_line(self, timeout_s: float) -> str:
        return "held"


class ThisMachine:
    """A local lab host on which nothing really happens."""

    ran: ClassVar[list[str]] = []

    def __enter__(self) -> ThisMachine:
        return self

    def __exit__(self, *exc: object) -> None: ...

    def run(self, argv: Sequence[str], **_: object) -> Completed:
        self.ran.append(" ".join(argv))
        return Completed(1, "", "")

    def start(self, argv: Sequence[str]) -> FakeProgram:
        return FakeProgram()


class WithContainers:
    """A workload that has left something there."""

    def remove(self, host: ThisMachine) -> None:
        host.ran.append("containers")


def test_uninstall_takes_the_lab_off_this_machine_when_it_was_the_lab_host(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(care, "LocalHost", ThisMachine)
    monkeypatch.setattr(care, "workload_names", lambda: ["server"])
    monkeypatch.setattr(care, "load_workload", lambda _name: WithContainers())
    monkeypatch.setattr(ThisMachine, "ran", [])
    save_settings(Settings("local"))
    assert cli.run(["uninstall", "--yes"]) == PASSED
    shown = capsys.readouterr().out
    assert "on this machine: delete the lab's programs, the units that run them, and its containers" in shown
    assert "on this machine: put the kernel settings back that the lab changed" in shown
    assert f"sh -c {host_files.STOP}" in ThisMachine.ran
    assert "containers" in ThisMachine.ran
    assert left(home) == []


def test_gc_says_what_it_deletes_and_how_much_that_frees(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["gc"]) == PASSED
    shown = capsys.readouterr().out
    assert f"deleted unfinished image {Folders.of_user().images / 'two.building'} (3 MB)" in shown
    assert "3 MB freed" in shown
    assert (Folders.of_user().templates / "one").exists()
