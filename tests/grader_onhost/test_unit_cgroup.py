"""Whether a tracer has ended is told from its shell, which real processes show here."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.onhost.unit_cgroup import UnitCgroup


@pytest.fixture
def shell(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[UnitCgroup]:
    """The cgroup, as far as it is read, of a shell with this script; its input stays open."""
    (tmp_path / "unit").mkdir()
    with subprocess.Popen(["/bin/sh", "-c", request.param], stdin=subprocess.PIPE) as process:
        (tmp_path / "unit/cgroup.procs").write_text(f"{process.pid}\n")
        yield UnitCgroup("unit", tmp_path)
        process.kill()


@pytest.mark.parametrize("shell", ["true; read -r _ || :; exit 0"], indirect=True)
def test_a_shell_that_waits_for_us_has_no_tracer_left(shell: UnitCgroup) -> None:
    while not shell.only_shell_waits():
        time.sleep(0.01)
    assert shell.tracer_pid() is None


@pytest.mark.parametrize("shell", ["while :; do :; done", "kill -STOP $$; read -r _"], indirect=True)
def test_a_shell_that_is_busy_or_stopped_says_nothing(shell: UnitCgroup) -> None:
    assert not any(shell.only_shell_waits() for _ in range(50))


def test_a_cgroup_that_is_gone_says_nothing(tmp_path: Path) -> None:
    assert not UnitCgroup("unit", tmp_path).only_shell_waits()
