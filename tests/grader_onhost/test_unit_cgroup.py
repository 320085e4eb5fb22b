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


@pytest.mark.parametrize("shell", ["read -r _"], indirect=True)
def test_processes_that_all_wait_are_asleep(shell: UnitCgroup) -> None:
    while not shell.asleep():
        time.sleep(0.01)


@pytest.mark.parametrize("shell", ["while :; do :; done", "kill -STOP $$"], indirect=True)
def test_one_that_computes_or_was_stopped_is_not_asleep(shell: UnitCgroup) -> None:
    time.sleep(0.5)  # it has begun by then
    assert not any(shell.asleep() for _ in range(50))


def test_the_cpu_time_of_a_service_is_its_cgroups(tmp_path: Path) -> None:
    (tmp_path / "unit").mkdir()
    (tmp_path / "unit/cpu.stat").write_text("usage_usec 2500000\nuser_usec 2000000\nsystem_usec 500000\n")
    assert UnitCgroup("unit", tmp_path).cpu_s() == 2.5
    gone = UnitCgroup("gone", tmp_path)
    assert gone.cpu_s() == 0 and not gone.asleep()
