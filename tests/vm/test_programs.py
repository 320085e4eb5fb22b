"""Programs of the system: the command that installs a missing one, for the machine at hand."""

from __future__ import annotations

import pytest

from vm.errors import HostSetupError
from vm.programs import install_command, run_program

QEMU = ("qemu-system-x86_64", "qemu-img")


@pytest.mark.parametrize(
    ("manager", "root", "command"),
    [
        ("apt-get", False, "sudo apt-get install --no-install-recommends qemu-system-x86 qemu-utils"),
        ("apt-get", True, "apt-get install --no-install-recommends qemu-system-x86 qemu-utils"),
        ("dnf", False, "sudo dnf install qemu-img qemu-system-x86-core"),
        ("pacman", True, "pacman -S qemu-img qemu-system-x86"),
        ("", False, "lab up --host ssh://root@DEBIAN-13-MACHINE"),
    ],
)
def test_the_command_is_this_machines_own(manager: str, root: bool, command: str) -> None:
    assert install_command(QEMU, manager, root=root) == command


def test_a_program_that_met_a_full_disk_is_said_to_have() -> None:
    script = "echo unpacking; head -c 1 /dev/zero > /dev/full; echo afterwards; exit 3"
    with pytest.raises(HostSetupError) as caught:
        run_program(["sh", "-c", script], "building it", environment={"PATH": "/usr/bin:/bin", "LC_ALL": "C"})
    assert caught.value.message == "building it failed: the disk is full"
    assert caught.value.hint == "lab gc; df -h"
