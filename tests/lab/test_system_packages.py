"""A program that is missing is installed, or the command that would is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.system_packages import install_packages, need_browser
from vocabulary.errors import Unavailable


def program(folder: Path, name: str, script: str) -> None:
    """A program of this name, alone on the path."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_a_browser_that_is_there_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    program(tmp_path, "chromium", "exit 1")
    need_browser()


def test_without_apt_the_way_around_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable) as caught:
        need_browser()
    assert caught.value.hint == "lab dev test --no-browser"


def test_a_package_is_installed_by_apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    program(tmp_path, "apt-get", f'echo "$@" >> {tmp_path}/said')
    install_packages(["chromium"], "the tests")
    assert (tmp_path / "said").read_text().splitlines() == [
        "update -q",
        "install -y --no-install-recommends chromium",
    ]


def test_when_apt_cannot_the_command_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    program(tmp_path, "apt-get", "exit 100")
    with pytest.raises(Unavailable, match="apt-get could not install chromium") as caught:
        install_packages(["chromium"], "the tests")
    assert caught.value.hint == "apt-get install -y --no-install-recommends chromium"
