"""`bin/lab` from a checkout, with a Python environment that is already there or was interrupted."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

LAUNCHER = Path(__file__).resolve().parents[2] / "bin" / "lab"


@pytest.fixture
def launcher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The launcher as a module, with a cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    loader = importlib.machinery.SourceFileLoader("bin_lab", str(LAUNCHER))
    spec = importlib.util.spec_from_loader("bin_lab", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def pretend_ready(folder: Path, stamp: str) -> None:
    """An environment whose python prints how it was called."""
    (folder / "bin").mkdir(parents=True)
    python = folder / "bin" / "python"
    python.write_text('#!/bin/sh\necho "$@"\n')
    python.chmod(0o755)
    (folder / stamp).touch()


@pytest.mark.parametrize(("words", "stamp"), [(["check", "4"], "ready"), (["dev", "test"], "ready-dev")])
def test_a_ready_environment_is_used_at_once(
    launcher: ModuleType, tmp_path: Path, words: list[str], stamp: str
) -> None:
    pretend_ready(launcher.environment_folder(), stamp)
    done = subprocess.run(
        [sys.executable, str(LAUNCHER), *words],
        capture_output=True,
        text=True,
        env={**os.environ, "XDG_CACHE_HOME": str(tmp_path)},
        check=True,
    )
    assert done.stdout.split() == ["-P", "-m", "lab", *words]
    assert done.stderr == ""


def test_an_interrupted_environment_is_made_again(launcher: ModuleType) -> None:
    folder = launcher.environment_folder()
    (folder / "half").mkdir(parents=True)
    launcher.create(folder)
    assert not (folder / "half").exists()
    assert (folder / "bin" / "python").exists()
    assert (folder / "made").exists()


def test_another_pyproject_gets_another_environment(launcher: ModuleType, tmp_path: Path) -> None:
    before = launcher.environment_folder()
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    vars(launcher)["CHECKOUT"] = tmp_path
    assert launcher.environment_folder() != before


def test_the_launcher_reads_under_an_old_python() -> None:
    import ast

    ast.parse(LAUNCHER.read_text(), feature_version=(3, 7))


def test_ctrl_c_while_the_environment_is_made_is_two_lines_and_no_traceback(tmp_path: Path) -> None:
    shadow = tmp_path / "shadow" / "venv"
    shadow.mkdir(parents=True)
    (shadow / "__init__.py").touch()
    # Stands in for Python's own module: Ctrl-C reaches it and the launcher alike.
    (shadow / "__main__.py").write_text("import os, signal\nos.killpg(0, signal.SIGINT)\nsignal.pause()\n")
    # Tests that run in the background inherit that SIGINT is ignored; a person's terminal never says so.
    heard = "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); "
    heard += "os.execv(sys.argv[1], sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-c", heard, sys.executable, str(LAUNCHER), "list"],
        capture_output=True,
        text=True,
        env={**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache"), "PYTHONPATH": str(shadow.parent)},
        start_new_session=True,
        check=False,
    )
    assert done.returncode == 130
    assert done.stderr.splitlines()[1:] == [
        "lab: interrupted; the same command goes on with it",
        "hint: bin/lab list",
    ]


def test_a_bundle_that_is_none_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("no bundle")
    done = subprocess.run(
        [sys.executable, str(LAUNCHER), "--bundle", str(tmp_path / "other"), "check", "2"],
        capture_output=True,
        text=True,
        env={**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")},
        check=False,
    )
    assert done.returncode == 69
    assert [line.partition(":")[0] for line in done.stderr.splitlines()] == ["lab", "hint"]
    assert not (tmp_path / "cache").exists()
