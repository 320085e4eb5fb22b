"""Programs of the system: the command that installs a missing one, for the machine at hand."""

from __future__ import annotations

import pytest

from vm.programs import install_command

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
