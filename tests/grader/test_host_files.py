"""How the grader's programs get onto a host, on a host that is written here."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

import pytest

from grader.host import HostToPrepare
from grader.observing import host_files
from vm.command import Completed
from vm.errors import Stalled


class FakeHost:
    """Has a digest file and a recorder, or not; remembers what was worked on and with which services."""

    def __init__(self, digest: str = "", recorder: str = "inactive", hangs: bool = False) -> None:
        self.digest, self.recorder, self.hangs = digest, recorder, hangs
        self.worked: list[tuple[str, ...]] = []
        self.files: dict[str, Mapping[str, bytes]] = {}

    def run(self, argv: Sequence[str], *, check: bool = True, timeout_s: float = 60.0) -> Completed:
        assert timeout_s <= 60, "only short questions have a limit of time"
        return Completed(0, f"{self.digest}\n{self.recorder}\n", "") if "is-active" in argv[-1] else _DONE

    def work(self, argv: Sequence[str], units: Sequence[str] = ()) -> Completed:
        if self.hangs:
            raise Stalled("it hangs", "lab up")
        self.worked.append((*argv[:2], *units))
        return _DONE

    def write_files(self, folder: str, files: Mapping[str, bytes]) -> None:
        self.files[folder] = files
        if folder == "/opt/lab" and "digest" in files:
            self.digest = files["digest"].decode()


_DONE = Completed(0, "", "")
RECORDER = "lab-recorder.service"
IMPORT_ALL = """
import importlib, pkgutil, onhost
for module in pkgutil.walk_packages(onhost.__path__, "onhost."):
    importlib.import_module(module.name)
    print(module.name)
"""


def install(host: FakeHost) -> bool:
    return host_files.install(cast(HostToPrepare, host))


def test_an_installation_is_waited_for_as_long_as_it_or_the_recorder_works() -> None:
    host = FakeHost()
    assert install(host)
    assert host.worked == [("sh", "-c"), ("sh", "-c", RECORDER)]
    assert host.digest == host_files.digest()


def test_what_is_there_and_runs_is_left_alone() -> None:
    host = FakeHost(host_files.digest(), "active")
    assert not install(host)
    assert host.worked == []


def test_a_recorder_that_does_not_run_is_started_and_waited_for() -> None:
    host = FakeHost(host_files.digest(), "failed")
    assert not install(host)
    assert host.worked == [("sh", "-c", RECORDER)]


def test_an_installation_that_hangs_is_done_again_at_the_next_start() -> None:
    host = FakeHost(hangs=True)
    with pytest.raises(Stalled):
        install(host)
    assert host.digest == ""


def test_what_every_tracer_can_import_and_the_units_lie_apart_from_the_package() -> None:
    host = FakeHost()
    install(host)
    assert set(host.files["/opt/lab/python"]) == {"lab_tracer.py", "sitecustomize.py"}
    assert set(host.files["/etc/systemd/system"]) == {"lab-recorder.service", "lab-recorder.socket"}
    assert "recorder/bpf/programs.bpf.c" in host.files["/opt/lab/onhost"]


def test_the_package_is_whole_on_a_host_that_has_nothing_else_of_ours(tmp_path: Path) -> None:
    host = FakeHost()
    install(host)
    for name, content in host.files["/opt/lab/onhost"].items():
        path = tmp_path / "onhost" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    argv = [sys.executable, "-P", "-W", "error", "-c", IMPORT_ALL]
    done = subprocess.run(argv, env={"PYTHONPATH": str(tmp_path)}, cwd="/", capture_output=True, text=True)
    assert (done.stderr, done.returncode) == ("", 0)
    modules = done.stdout.split()
    assert {"onhost.session", "onhost.recorder.resident", "onhost.recorder.service"} <= set(modules)
