"""Which Python the launcher runs under."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from lab.checkout import ROOT
from lab.launch import pythons, start
from lab.launch.environment import environment_of
from lab.launch.pip_says import NoPackage

LACKING = NoPackage("there is no grpcio yet for Python 3.14", "PIP_ONLY_BINARY=:none: bin/lab list")


class RanAgain(BaseException):
    """Stands in for the process becoming another one."""


@pytest.fixture
def on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on the path: each file in it is a Python of that name that works."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "bin").mkdir()
    return tmp_path / "bin"


@pytest.fixture
def became(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The Pythons that the launcher ran again under."""
    runs: list[str] = []

    def run_again_under(path: str) -> None:
        runs.append(path)
        raise RanAgain

    monkeypatch.setattr(pythons, "run_again_under", run_again_under)
    return runs


def put(folder: Path, name: str, ends_with: int = 0) -> str:
    path = folder / name
    path.write_text(f"#!/bin/sh\nexit {ends_with}\n")
    path.chmod(0o755)
    return str(path)


def test_the_newest_that_works_comes_first_and_stand_ins_are_left_out(on_path: Path) -> None:
    put(on_path, "python3.14", ends_with=127)
    newest, next_one = put(on_path, "python3.13"), put(on_path, "python3.11")
    put(on_path, "python3.10")
    assert pythons.installed(pythons.NEWEST_MINOR) == [newest, next_one]


def test_a_python_without_a_package_gives_way_to_an_older_one_for_good(
    on_path: Path,
    became: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 14, 0, "final", 0))
    put(on_path, "python3.15")
    older = put(on_path, "python3.12")
    environment = environment_of(ROOT)
    environment.folder.mkdir(parents=True)
    with pytest.raises(RanAgain):
        start.use_older_python(environment, LACKING)
    assert "there is no grpcio yet for Python 3.14; going on with" in capsys.readouterr().err
    # The next command does not ask the network again.
    with pytest.raises(RanAgain):
        start.use_python_that_fits(environment, None)
    assert became == [older, older]


@pytest.mark.usefixtures("on_path")
def test_where_no_older_python_is_installed_the_package_is_named() -> None:
    environment = environment_of(ROOT)
    environment.folder.mkdir(parents=True)
    with pytest.raises(NoPackage, match="no grpcio yet"):
        start.use_older_python(environment, LACKING)


def test_an_older_python_that_was_removed_is_forgotten(on_path: Path, became: list[str]) -> None:
    environment = environment_of(ROOT)
    environment.folder.parent.mkdir(parents=True)
    environment.python_instead.write_text(str(on_path / "python3.12"))
    start.use_python_that_fits(environment, None)
    assert became == []


@pytest.mark.parametrize(
    "name", ["bin/lab", "lab/__init__.py", "lab/launch/__init__.py", "lab/launch/pythons.py"]
)
def test_what_runs_under_an_old_python_can_be_read_by_it(name: str) -> None:
    tree = ast.parse((ROOT / name).read_text(encoding="utf-8"), feature_version=(3, 7))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.NamedExpr)]


def test_an_old_python_gets_a_message_and_no_traceback(on_path: Path) -> None:
    pretend = "import sys, runpy; sys.version_info = (3, 8, 0); sys.argv = sys.argv[1:]; "
    pretend += "runpy.run_path(sys.argv[0], run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", pretend, str(ROOT / "bin" / "lab"), "list"],
        capture_output=True,
        text=True,
        env={"PATH": str(on_path)},
        check=False,
    )
    assert done.returncode == 69
    assert done.stderr.splitlines() == [
        "lab: Python 3.11 or newer is needed, this is 3.8",
        "hint: sudo apt-get install python3.11 python3.11-venv",
    ]
