"""The embedded lab host over its life, with what people do to it."""

from __future__ import annotations

import gzip
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from vm import shipped
from vm.command import CommandFailed
from vm.embedded_host import VmHost
from vm.errors import HostError, HostUnavailable
from vm.folders import Folders
from vm.image.choice import current_image
from vm.machine import Machine
from vm.machine_start import MachineSettings
from vm.preparation import Preparation, Stage
from vm.qemu.command import Size
from vm.qemu.template import load_template

pytestmark = pytest.mark.lab_host

NAME = "machine-under-test"
MARK = "/root/prepared"


def mark(host: VmHost, _stage: Stage) -> None:
    host.run(["sh", "-c", f"echo yes > {MARK}"])


PREPARE = Preparation(mark)


class Told(list[str]):
    """Collects progress lines."""

    def __call__(self, line: str) -> None:
        self.append(line)

    def says(self, words: str) -> bool:
        return any(words in line for line in self)


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    root = tmp_path_factory.mktemp("machine")
    images = Folders.of_user().images
    folders = Folders(root / "cache", root / "data")
    made = Machine(
        MachineSettings(NAME, Size(2, 1536)),
        lambda tell, beside: current_image(images, tell, beside),
        folders,
    )
    try:
        yield made
    finally:
        made.down(force=True)


def opened(machine: Machine, told: Told | None = None) -> VmHost:
    return machine.up(PREPARE, "test", told if told is not None else Told())


def qemus() -> list[int]:
    return [
        process.pid
        for process in psutil.process_iter(["cmdline", "status"])
        if f"ebpf-lab-{NAME}" in (process.info["cmdline"] or [])
        and process.info["status"] != psutil.STATUS_ZOMBIE
    ]


def test_a_prepared_machine_is_restored_as_it_was_prepared(machine: Machine) -> None:
    with opened(machine) as host:
        assert host.run(["cat", MARK]).stdout == "yes\n"
        assert host.facts.kind == "vm"
        host.run(["rm", MARK])
    with machine.reset(PREPARE, "test", Told()) as host:
        assert host.path_taken == "restored"
        assert host.run(["cat", MARK]).stdout == "yes\n"


def test_a_second_command_finds_the_machine_running(machine: Machine) -> None:
    with opened(machine), opened(machine) as second:
        assert second.path_taken == "running"
        assert len(qemus()) == 1


def test_docker_bcc_and_the_recorders_user_are_there_after_a_restore(machine: Machine) -> None:
    with opened(machine) as host:
        assert host.run(["docker", "ps", "-q"]).exit_code == 0
        assert host.run(["python3", "-c", "import bcc"]).exit_code == 0
        assert host.run(["id", "-un", "lab-recorder"]).stdout == "lab-recorder\n"
        assert host.run(["sysctl", "-n", "kernel.bpf_stats_enabled"]).stdout == "1\n"
        assert host.run(["sysctl", "-n", "kernel.perf_event_paranoid"]).stdout == "2\n"


def test_a_restored_machine_draws_other_random_numbers_each_time(machine: Machine) -> None:
    drawn = []
    for _ in range(2):
        with machine.reset(PREPARE, "test", Told()) as host:
            drawn.append(host.run(["head", "-c", "16", "/dev/urandom"]).stdout)
    assert drawn[0] != drawn[1]


def test_a_forward_reaches_a_server_in_the_guest(machine: Machine) -> None:
    with opened(machine) as host:
        with host.start(["python3", "-u", "-m", "http.server", "8077", "--bind", "0.0.0.0"]) as server:
            assert "Serving" in (server.read_line(60) or "")
            with socket.create_connection(host.forward(8077), timeout=30) as connection:
                connection.sendall(b"GET /missing HTTP/1.0\r\n\r\n")
                assert connection.recv(12) == b"HTTP/1.0 404"
            host.run(["pkill", "-f", "[h]ttp.server 8077"])
        assert host.forward(8077) == host.forward(8077)


def test_a_clock_that_went_wrong_is_set_right_at_the_next_command(machine: Machine) -> None:
    with opened(machine) as host:
        host.run(["date", "-s", "2001-01-01"])
    with opened(machine) as host:
        assert abs(float(host.run(["date", "+%s.%N"]).stdout) - time.time()) < 60


def test_a_machine_killed_in_use_is_named_lost_and_the_next_command_restores_it(machine: Machine) -> None:
    with opened(machine) as host:
        os.kill(host.running.pid, signal.SIGKILL)
        with pytest.raises(HostUnavailable, match="QEMU has ended"):
            host.run(["sleep", "60"])
    told = Told()
    with opened(machine, told) as host:
        assert host.path_taken == "restored"
        assert told.says("not running any more")


def test_a_command_that_fails_is_no_lost_machine(machine: Machine) -> None:
    with opened(machine) as host, pytest.raises(CommandFailed):
        host.run(["false"])


def test_a_machine_in_use_is_neither_stopped_nor_reset(machine: Machine) -> None:
    with machine.use("check"):
        with pytest.raises(HostError, match="lab check"):
            machine.down()
        with pytest.raises(HostError, match="lab check"):
            machine.reset(PREPARE, "test", Told())


def test_a_saved_machine_with_damaged_contents_is_replaced_by_a_cold_start(machine: Machine) -> None:
    with opened(machine) as host:
        state = machine.folders.templates / host.running.template / "state"
    machine.down()
    seen = state.stat()
    state.write_bytes(b"x" * seen.st_size)
    os.utime(state, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    told = Told()
    with opened(machine, told) as host:
        assert host.path_taken == "cold"
        assert told.says("does not start any more")
    assert len(qemus()) == 1


def test_a_machine_saved_elsewhere_becomes_this_installations_own(machine: Machine, tmp_path: Path) -> None:
    with opened(machine) as host:
        template = load_template(machine.folders.templates, host.running.template)
    machine.down()
    assert template is not None
    images = Folders.of_user().images
    folders = Folders(tmp_path / "cache", tmp_path / "data")
    folders.cache.mkdir()
    other = Machine(machine.settings, lambda tell, beside: current_image(images, tell, beside), folders)
    start = other.next_start("test", Told())
    shipped.pack(template, tmp_path / "machine.tar.zst")
    shipped.unpack(tmp_path / "machine.tar.zst", folders, start.fit)
    told = Told()
    try:
        with opened(other, told) as host:
            assert host.path_taken == "restored"
            assert host.run(["cat", MARK]).stdout == "yes\n"
            keys = host.run(["cat", "/root/.ssh/authorized_keys"]).stdout.encode()
            assert keys == start.keys.login_public()
        assert told.says("making the bundle's saved machine yours")
        assert not shipped.folder_of(folders, start.fit).exists()
        with other.reset(PREPARE, "test", Told()) as host:
            assert host.path_taken == "restored"
    finally:
        other.down(force=True)


def test_an_interrupted_preparation_leaves_nothing_running_and_is_gone_on_with(machine: Machine) -> None:
    begun: list[str] = []

    def counted(host: VmHost, _stage: Stage) -> None:
        # The memory of the first try is there, not only its disk.
        begun.append(host.run(["sh", "-c", "cat /run/begun; echo begun > /run/begun"], check=False).stdout)
        if len(begun) == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        machine.up(Preparation(counted), "interrupted", Told())
    assert qemus() == []
    assert [path for path in machine.folders.templates.iterdir() if ".making" in path.name] == []
    told = Told()
    with machine.up(Preparation(counted), "interrupted", told) as host:
        assert host.path_taken == "cold"
    assert begun == ["", "begun\n"]
    assert told.says("going on where the last start was interrupted")
    with opened(machine) as host:
        assert host.path_taken == "restored"


def test_a_file_that_a_machine_is_born_with_is_read_there_unpacked(machine: Machine, tmp_path: Path) -> None:
    file = tmp_path / "content.gz"
    file.write_bytes(gzip.compress(b"from outside\n"))

    def read(host: VmHost, _stage: Stage) -> None:
        command = host.brought(file)
        assert command is not None
        assert host.work(["sh", "-c", command]).stdout == "from outside"
        assert host.brought(tmp_path / "another") is None
        with pytest.raises(CommandFailed, match="one / two"):
            host.work(["sh", "-c", "echo one; echo two >&2; exit 3"])

    with machine.up(Preparation(read, lambda _stage: file), "brought", Told()) as host:
        assert host.path_taken == "cold"
        assert host.brought(file) is None


def test_down_ends_the_machine_and_throws_its_disk_away(machine: Machine) -> None:
    opened(machine).__exit__(None, None, None)
    assert machine.down()
    assert qemus() == []
    assert not list(Path(machine.folder).glob("*.qcow2"))
    assert not machine.down()
