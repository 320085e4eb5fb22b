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
