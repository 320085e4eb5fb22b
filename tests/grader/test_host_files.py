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
from vm import image as image_package
from vm.errors import Stalled
from vocabulary.completed import Completed


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


SYSCTL = """#!/bin/sh
# The kernel's settings are the files of a folder; it has no setting called fs.leases-enable.now.
cd KERNEL || exit 1
for word in "$@"; do
    case $word in
    -*) ;;
    /*) sed -n 's/^\\([^#= ]*\\) *= */\\1 /p' "$word" | while read -r name value; do
            test -e "$name" && echo "$value" > "$name"
        done ;;
    *) test -e "$word" && echo "$word = $(cat "$word")" ;;
    esac
done
true
"""


class Machine:
    """Runs the settings' part of the scripts, on settings and folders of its own."""

    def __init__(self, folder: Path, kernel: Mapping[str, str]) -> None:
        self.kernel, self.etc, self.opt, self.bin = (
            folder / name for name in ("kernel", "etc", "opt", "bin")
        )
        for one in (self.kernel, self.etc, self.opt, self.bin):
            one.mkdir()
        for name, value in kernel.items():
            (self.kernel / name).write_text(value)
        (self.bin / "sysctl").write_text(SYSCTL.replace("KERNEL", str(self.kernel)))
        (self.bin / "sysctl").chmod(0o755)

    def run(self, script: str) -> None:
        here = script.replace("/etc/sysctl.d", str(self.etc)).replace("/opt/lab", str(self.opt))
        path = f"{self.bin}:/usr/bin:/bin"
        subprocess.run(["sh", "-uc", f"{here}true"], env={"PATH": path}, check=True)

    def settings(self) -> dict[str, str]:
        return {file.name: file.read_text().strip() for file in self.kernel.iterdir()}


BEFORE = {"kernel.bpf_stats_enabled": "0", "kernel.perf_event_paranoid": "3", "fs.leases-enable": "1"}


def test_every_kernel_setting_that_an_installation_changes_is_put_back(tmp_path: Path) -> None:
    machine = Machine(tmp_path, BEFORE)
    machine.run(f"set -e\n{host_files.SETTINGS}")
    during = machine.settings()
    assert all(during[name] != value for name, value in BEFORE.items())
    machine.run(f"set -e\n{host_files.SETTINGS}")  # a newer lab
    machine.run(host_files.SETTINGS_BACK)
    assert machine.settings() == BEFORE
    assert list(machine.etc.iterdir()) == []


def test_a_machine_without_the_lab_keeps_its_settings_when_it_is_taken_away(tmp_path: Path) -> None:
    machine = Machine(tmp_path, BEFORE)
    machine.run(host_files.SETTINGS_BACK)
    assert machine.settings() == BEFORE


def test_the_image_boots_with_settings_that_an_installation_sets_too() -> None:
    image = Path(image_package.__file__).parent / "guest" / "etc" / "sysctl.d" / "60-lab.conf"
    lines = [line.replace(" ", "") for line in image.read_text().splitlines() if line[0] != "#"]
    assert lines and set(lines) <= set(host_files.SETTINGS.splitlines())


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
