"""`bin/lab` from a checkout: it makes an environment once, and hands over to it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lab.checkout import ROOT
from lab.launch.environment import Environment, create, environment_of, requirements

LAUNCHER = ROOT / "bin" / "lab"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("LAB_BUNDLE", raising=False)


def bin_lab(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(LAUNCHER), *words],
        capture_output=True,
        text=True,
        env={**os.environ, **variables},
        check=False,
    )


def pretend_ready(environment: Environment) -> None:
    """An environment whose python prints how it was called."""
    environment.python.parent.mkdir(parents=True)
    environment.python.write_text('#!/bin/sh\necho "$@"\n')
    environment.python.chmod(0o755)
    environment.stamp.touch()


@pytest.mark.parametrize("words", [["check", "4"], ["dev", "test"], []], ids=["verb", "dev", "nothing"])
def test_a_ready_environment_is_used_at_once(words: list[str]) -> None:
    pretend_ready(environment_of(ROOT, for_developing=words[:1] == ["dev"]))
    done = bin_lab(*words)
    assert done.stdout.split() == ["-P", "-m", "lab", *words]
    assert (done.returncode, done.stderr) == (0, "")


WITHOUT_PIP = """
import sys
sys.path.remove({shadow!r})
del sys.modules["venv"]
import venv
venv.create(sys.argv[1], symlinks=True)
"""


@pytest.fixture
def environments_without_pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`python -m venv` leaves pip out: unpacking it takes seconds, and nothing is installed here."""
    shadow = tmp_path / "shadow"
    (shadow / "venv").mkdir(parents=True)
    (shadow / "venv" / "__init__.py").touch()
    (shadow / "venv" / "__main__.py").write_text(WITHOUT_PIP.format(shadow=str(shadow)))
    monkeypatch.setenv("PYTHONPATH", str(shadow))


@pytest.mark.usefixtures("environments_without_pip")
def test_a_checkout_with_any_name_is_imported_and_stays_as_it_was(tmp_path: Path) -> None:
    checkout = tmp_path / "schön 日本"
    (checkout / "lab").mkdir(parents=True)
    (checkout / "lab" / "__init__.py").write_text("")
    (checkout / "pyproject.toml").write_text("[project]\n")
    before = sorted(checkout.rglob("*"))
    environment = environment_of(checkout)
    (environment.folder / "left by an interrupted run").mkdir(parents=True)
    create(environment)
    assert not (environment.folder / "left by an interrupted run").exists()
    assert (environment.folder / "made").exists()
    asking = [str(environment.python), "-B", "-P", "-c", "import lab; print(ascii(lab.__file__))"]
    for language in ("C.UTF-8", "C"):
        done = subprocess.run(
            asking, cwd="/", env={"LC_ALL": language}, capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == ascii(str(checkout / "lab" / "__init__.py"))
    assert sorted(checkout.rglob("*")) == before


def test_another_pyproject_gets_another_environment(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    before = environment_of(tmp_path)
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'other'\n")
    assert environment_of(tmp_path).folder != before.folder


def test_what_is_installed_is_what_pyproject_names() -> None:
    wanted, more = requirements(ROOT), requirements(ROOT, "dev")
    assert any(line.startswith("typer") for line in wanted)
    assert set(wanted) < set(more)
    assert any(line.startswith("pytest") for line in more)


def test_an_environment_whose_python_was_removed_is_not_ready() -> None:
    environment = environment_of(ROOT)
    pretend_ready(environment)
    assert environment.is_ready
    environment.python.unlink()
    assert not environment.is_ready


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
        env={**os.environ, "PYTHONPATH": str(shadow.parent)},
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
    done = bin_lab("--bundle", str(tmp_path / "other"), "check", "2")
    assert done.returncode == 69
    assert [line.partition(":")[0] for line in done.stderr.splitlines()] == ["lab", "hint"]
    assert not (tmp_path / "cache").exists()
