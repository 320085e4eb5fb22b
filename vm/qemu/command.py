"""QEMU's command line, each option with its reason, and the part of it a snapshot depends on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from vm.qemu.parcel import SERIAL

QEMU = "qemu-system-x86_64"
SCHEMA = 2
"""Raise it when captured machines of older code must not be restored."""
SSH_PORT = 22
NETWORK = "net0"

# hpet is never asked: reading it costs 2.2 us a call when emulated, the TSC 0.13 us.
# nokaslr: one layout, so an emulated machine is the same machine every time.
# bpf_stats_enabled patches kernel code that runs at every system call of a filtered daemon. On before the
# first one starts: QEMU before 8.1 may run a half-patched instruction on another CPU (seen: a panic).
# panic=-1: a kernel that gives up starts anew at once, which ends QEMU (-no-reboot). Who waits for an answer
# knows it then; a machine that stands still would be waited for until the order's time is over.
# mitigations=off: the guest is one person's throw-away machine and emulation has no speculation to fear.
KERNEL_COMMAND_LINE = (
    "console=ttyS0 root=/dev/vda rw quiet loglevel=3 clocksource=tsc tsc=reliable net.ifnames=0 "
    "systemd.show_status=0 mitigations=off nokaslr "
    "panic=-1 sysctl.kernel.bpf_stats_enabled=1"
)


@dataclass(frozen=True)
class Emulator:
    """The installed QEMU and how it runs guests here."""

    version: tuple[int, int, int]
    accel: str
    """`kvm` or `tcg`."""
    machine: str
    """A type with a version, so that another QEMU builds the same hardware."""

    @property
    def cpu(self) -> str:
        """The guest's processor. Emulated it is a named one: `max` changes with QEMU and with the host."""
        if self.accel == "kvm":
            return "host"
        # QEMU 7.2 panicked a 6.12 guest in 7 of 10 boots with cmpxchg16b; 10 needs no mask.
        return "Nehalem" if self.version >= (10, 0, 0) else "Nehalem,-cx16"


@dataclass(frozen=True)
class Size:
    """What the guest gets."""

    cpus: int = 2
    memory_mib: int = 2048


@dataclass(frozen=True)
class Launch:
    """One start of one machine."""

    name: str
    size: Size
    kernel: Path
    initrd: Path
    disk: Path
    """A qcow2 overlay that this machine may write."""
    parcel: Path
    """A qcow2 disk that is only read."""
    sockets: Path
    """Folder of qmp.sock and agent.sock; short enough a path for sockets."""
    serial: Path
    memory_file: Path | None
    """Guest memory lives in this file; None: in memory of QEMU's own."""
    memory_shared: bool = False
    """True writes through to the file (capture), False is private and copied on write (restore)."""
    incoming: bool = False
    """Wait for a captured state instead of booting."""


def arguments(emulator: Emulator, launch: Launch) -> list[str]:
    """The whole command line."""
    return [
        *(QEMU, "-name", f"ebpf-lab-{launch.name}"),
        *_hardware(emulator, launch.size),
        *_memory(launch),
        *("-kernel", str(launch.kernel), "-initrd", str(launch.initrd), "-append", KERNEL_COMMAND_LINE),
        # The overlay is thrown away after a crash, so nothing waits for the disk.
        *("-drive", f"file={_escaped(launch.disk)},format=qcow2,if=none,id=disk0,cache=unsafe,discard=unmap"),
        *("-drive", f"file={_escaped(launch.parcel)},format=qcow2,if=none,id=disk1,readonly=on"),
        # Port 0: the kernel picks a free one, QEMU is asked later which; no race between two machines.
        *("-netdev", f"user,id={NETWORK},hostfwd=tcp:127.0.0.1:0-:{SSH_PORT}"),
        *_sockets(launch),
        *("-serial", f"file:{launch.serial}"),
        *(["-incoming", "defer"] if launch.incoming else []),
    ]


def _hardware(emulator: Emulator, size: Size) -> list[str]:
    accel = "tcg,thread=multi" if emulator.accel == "tcg" else emulator.accel
    return [
        # vmport and HPET are devices nobody here talks to; -nodefaults leaves out the rest.
        *("-machine", f"{emulator.machine},memory-backend=ram,vmport=off,hpet=off"),
        *("-accel", accel, "-cpu", emulator.cpu, "-smp", str(size.cpus), "-m", str(size.memory_mib)),
        *("-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"),
        "-only-migratable",
        *("-device", "virtio-blk-pci,drive=disk0"),
        *("-device", f"virtio-blk-pci,drive=disk1,serial={SERIAL}"),
        # No boot ROM: nothing boots from the network, and a ROM is one more thing a snapshot must match.
        *("-device", f"virtio-net-pci,netdev={NETWORK},romfile="),
        *("-device", "virtio-rng-pci"),
        *("-device", "virtio-serial-pci"),
        *("-device", "virtserialport,chardev=agent0,name=org.qemu.guest_agent.0"),
        # A new identity at every restore: the guest's random numbers start anew.
        *("-device", "vmgenid,guid=auto"),
        # No balloon: reporting free pages punches holes into the template's file, though mapped private.
    ]


def _memory(launch: Launch) -> list[str]:
    size = f"{launch.size.memory_mib}M"
    if launch.memory_file is None:
        return ["-object", f"memory-backend-ram,id=ram,size={size}"]
    share = "on" if launch.memory_shared else "off"
    return [
        "-object",
        f"memory-backend-file,id=ram,size={size},mem-path={_escaped(launch.memory_file)},share={share}",
    ]


def _sockets(launch: Launch) -> list[str]:
    options = "server=on,wait=off"
    return [
        *("-qmp", f"unix:{_escaped(launch.sockets / 'qmp.sock')},{options}"),
        *("-chardev", f"socket,id=agent0,path={_escaped(launch.sockets / 'agent.sock')},{options}"),
    ]


def _escaped(path: Path) -> str:
    """A comma in an option's value is written twice."""
    return str(path).replace(",", ",,")


def moved_key(emulator: Emulator, size: Size, inputs: Mapping[str, str]) -> str:
    """As `snapshot_key`, for a captured machine that goes to another computer.

    The named machine type promises that QEMUs of one minor version understand each other; more is not tried.
    """
    same = replace(emulator, version=(*emulator.version[:2], 0))
    return snapshot_key(same, size, inputs)


def snapshot_key(emulator: Emulator, size: Size, inputs: Mapping[str, str]) -> str:
    """Names everything a captured machine depends on: 20 hexadecimal characters.

    `inputs` adds what is not on the command line: image, initrd, what was prepared, and for a processor that
    is not emulated the machine it runs on.
    """
    parts = {
        "schema": SCHEMA,
        "version": emulator.version,
        "hardware": _hardware(emulator, size),
        "command_line": KERNEL_COMMAND_LINE,
        "inputs": dict(sorted(inputs.items())),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:20]
