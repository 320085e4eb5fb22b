"""What is read of a service's cgroup, with real processes in it."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.onhost.kernel.unit_cgroup import UnitCgroup


@pytest.fixture
def shell(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[UnitCgroup]:
    """The cgroup, as far as it is read, of a shell with this script; its input stays open."""
    (tmp_path / "unit").mkdir()
    with subprocess.Popen(["/bin/sh", "-c", request.param], stdin=subprocess.PIPE) as process:
        (tmp_path / "unit/cgroup.procs").write_text(f"{process.pid}\n")
        yield UnitCgroup("unit", tmp_path)
        process.kill()


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
