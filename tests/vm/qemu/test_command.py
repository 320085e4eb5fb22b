"""QEMU's command line, and what of it a snapshot's key depends on."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from vm.qemu.command import Emulator, Launch, Size, arguments, snapshot_key

TCG = Emulator((7, 2, 22), "tcg", "pc-q35-7.2")
LAUNCH = Launch(
    name="x",
    size=Size(2, 2048),
    kernel=Path("/k"),
    initrd=Path("/i"),
    disk=Path("/d,e"),
    parcel=Path("/p"),
    sockets=Path("/s"),
    serial=Path("/log"),
    memory_file=Path("/m"),
)


def option(argv: list[str], name: str) -> str:
    return argv[argv.index(name) + 1]


@pytest.mark.parametrize(
    ("version", "accel", "cpu"),
    [((7, 2, 0), "tcg", "Nehalem,-cx16"), ((10, 0, 0), "tcg", "Nehalem"), ((7, 2, 0), "kvm", "host")],
)
def test_the_processor_fits_qemu_and_accelerator(version: tuple[int, int, int], accel: str, cpu: str) -> None:
    emulator = Emulator(version, accel, "pc-q35-7.2")
    assert option(arguments(emulator, LAUNCH), "-cpu") == cpu


def test_a_restored_machine_never_writes_to_the_templates_memory() -> None:
    restored = arguments(TCG, dataclasses.replace(LAUNCH, incoming=True))
    assert option(restored, "-object").endswith("mem-path=/m,share=off")
    assert option(restored, "-incoming") == "defer"
    captured = arguments(TCG, dataclasses.replace(LAUNCH, memory_shared=True))
    assert option(captured, "-object").endswith("share=on")
    assert "-incoming" not in captured
    assert not any("balloon" in word for word in restored)


def test_the_machine_is_reached_from_this_computer_only() -> None:
    assert option(arguments(TCG, LAUNCH), "-netdev") == "user,id=net0,hostfwd=tcp:127.0.0.1:0-:22"


def test_a_kernel_that_gives_up_ends_the_machine_so_that_nobody_waits_for_it() -> None:
    words = arguments(TCG, LAUNCH)
    assert "-no-reboot" in words
    assert "panic=-1" in option(words, "-append").split()


def test_a_comma_in_a_path_is_not_taken_for_an_option() -> None:
    assert "file=/d,,e,format=qcow2" in option(arguments(TCG, LAUNCH), "-drive")


def test_a_snapshots_key_changes_with_everything_it_depends_on() -> None:
    base = snapshot_key(TCG, Size(2, 2048), {"image": "a"})
    others = [
        snapshot_key(dataclasses.replace(TCG, version=(10, 0, 0)), Size(2, 2048), {"image": "a"}),
        snapshot_key(dataclasses.replace(TCG, accel="kvm"), Size(2, 2048), {"image": "a"}),
        snapshot_key(dataclasses.replace(TCG, machine="pc-q35-7.1"), Size(2, 2048), {"image": "a"}),
        snapshot_key(TCG, Size(4, 2048), {"image": "a"}),
        snapshot_key(TCG, Size(2, 4096), {"image": "a"}),
        snapshot_key(TCG, Size(2, 2048), {"image": "b"}),
    ]
    assert len({base, *others}) == 7
    assert base == snapshot_key(TCG, Size(2, 2048), {"image": "a"})
